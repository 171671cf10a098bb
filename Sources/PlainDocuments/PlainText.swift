/// Text from elsewhere — names, paths, headers, messages of the system — made safe to be printed.
package enum PlainText {
    /// The longest that a piece of foreign text may be, in scalars.
    private static let most = 256

    /// One line without anything that a terminal might act on or that is not seen; each such character becomes `?`.
    package static func clean(_ text: String, limit: Int = most) -> String {
        var result = String.UnicodeScalarView()
        for (index, scalar) in text.unicodeScalars.enumerated() {
            if index == limit {
                result.append(contentsOf: "...".unicodeScalars)
                break
            }
            result.append(isUnsafe(scalar) ? "?" : scalar)
        }
        return String(result)
    }

    /// Control and format characters (bidirectional overrides, joiners), separators of lines and paragraphs, private use,
    /// surrogates, and what Unicode has not assigned.
    package static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: return true
        default: return false
        }
    }

    /// Columns on a terminal: two for the wide letters of East Asia and for emoji, none for marks on other letters.
    package static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    /// The longest beginning that fits into `columns`, with `~` in the last one where something was cut off.
    package static func cut(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        var result = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += width(of: scalar)
            if used > columns - 1 { break }
            result.append(scalar)
        }
        return columns > 0 ? String(result) + "~" : ""
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
