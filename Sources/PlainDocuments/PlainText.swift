import Wording

/// Text from elsewhere — names, paths, headers, messages of the system — made safe to be printed.
package enum PlainText {
    /// One line without anything that a terminal might act on or that is not seen; each such character becomes `?`.
    package static func clean(_ text: String, limit: Int = visibleTextLimit) -> String {
        visibleText(text, limit: limit, standIns: .ascii)
    }

    /// Control and format characters (bidirectional overrides, joiners), variation selectors, blanks other than the space,
    /// separators of lines and paragraphs, private use, surrogates, and scalars that Unicode has not assigned.
    package static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch Appearance(scalar) {
        case .alone, .mark: false
        case .unsafe: true
        }
    }

    /// The text in double quotes, with the escapes that JSON and YAML share; `escape` writes a scalar that is unsafe.
    package static func quoted(_ text: String, escape: (Unicode.Scalar) -> String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isUnsafe(scalar): result += escape(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Hexadecimal, with zeros in front up to so many digits.
    package static func hex(_ number: some UnsignedInteger, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Columns on a terminal: two for the wide letters of East Asia and for emoji, none for marks on other letters.
    package static func width(_ text: String) -> Int {
        displayWidth(of: text)
    }

    /// The longest beginning that fits into `columns`, with `~` in the last one where something was cut off.
    package static func cut(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        var result = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += displayWidth(of: scalar)
            if used > columns - 1 { break }
            result.append(scalar)
        }
        return columns > 0 ? String(result) + "~" : ""
    }
}
