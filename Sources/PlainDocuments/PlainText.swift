import Wording

/// Makes foreign text (names, paths, headers, system messages) safe to print.
package enum PlainText {
    /// One line without invisible characters or characters that might affect a terminal; each is replaced by `?`.
    package static func clean(_ text: String, limit: Int = visibleTextLimit) -> String {
        visibleText(text, limit: limit, placeholders: .ascii)
    }

    /// Control and format characters (bidirectional overrides, joiners), variation selectors, blanks other than the
    /// space, line and paragraph separators, private use, surrogates, and unassigned scalars.
    package static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch Appearance(scalar) {
        case .alone, .mark: false
        case .unsafe: true
        }
    }

    /// The text in double quotes, with the escapes that JSON and YAML share; `escape` writes unsafe scalars.
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

    /// Hexadecimal, padded with zeros to this many digits.
    package static func hex(_ number: some UnsignedInteger, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// The columns on a terminal: two for East Asian wide letters and emoji, none for combining marks.
    package static func width(_ text: String) -> Int {
        displayWidth(of: text)
    }

    /// The longest prefix that fits into `columns`, with `~` in the last column if it was truncated.
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
