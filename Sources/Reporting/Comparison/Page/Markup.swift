import PlainDocuments

/// HTML and SVG, generated so that foreign text can never become markup.
enum Markup {
    /// An element; attributes are escaped, `inner` must already be markup.
    static func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ inner: String = "")
        -> String
    {
        let written = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
        let isVoid = inner.isEmpty && ["rect", "line", "path", "circle", "meta", "br"].contains(name)
        return isVoid ? "<\(name)\(written)/>" : "<\(name)\(written)>\(inner)</\(name)>"
    }

    /// Escapes text for markup.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in PlainText.clean(text, limit: 4096).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A length or position, rounded to a tenth of a pixel.
    static func number(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() ? String(Int(rounded)) : NumberFormat.decimals(rounded, 1)
    }

    static func text(
        _ string: String, x: Double, y: Double, anchor: String = "start", kind: String = "label"
    ) -> String {
        element(
            "text", ["x": number(x), "y": number(y), "text-anchor": anchor, "class": kind], escaped(string))
    }

    static func line(x1: Double, y1: Double, x2: Double, y2: Double, kind: String) -> String {
        element(
            "line", ["x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2), "class": kind])
    }

    static func rect(
        x: Double, y: Double, width: Double, height: Double, kind: String, opacity: Double = 1, title: String? = nil
    ) -> String {
        element(
            "rect",
            [
                "x": number(x), "y": number(y), "width": number(max(0, width)), "height": number(max(0, height)),
                "class": kind, "opacity": NumberFormat.decimals(opacity, 2),
            ], title.map { element("title", [:], escaped($0)) } ?? "")
    }
}
