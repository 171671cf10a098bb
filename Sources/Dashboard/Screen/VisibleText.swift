/// The longest piece of foreign text that is kept, in scalars.
package let visibleTextLimit = 256

/// Makes text that others wrote safe to show: on the screen, in text output, in logs and in exit messages.
///
/// What could move the cursor, reorder, hide or join characters (C0, DEL, C1, formats such as RLO and ZWJ, separators,
/// combining marks), and what has no agreed shape (private use, unassigned), is replaced by one visible stand-in each.
/// More than `limit` scalars are cut, with `…` as the last. The result holds only scalars of width one or two.
package func visibleText(_ text: String, limit: Int = visibleTextLimit) -> String {
    if isPlain(text, limit: limit) { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        if shown.count == max(1, limit) {
            shown.removeLast()
            shown.append("…")
            break
        }
        shown.append(visibleScalar(scalar))
    }
    return String(shown)
}

/// The same for bytes: they are decoded as UTF-8, and what is not UTF-8 becomes U+FFFD.
package func visibleText(decoding bytes: some Collection<UInt8>, limit: Int = visibleTextLimit) -> String {
    visibleText(String(decoding: bytes.prefix(max(1, limit) * 4 + 4), as: UTF8.self), limit: limit)
}

/// The scalar itself where it can be shown in a cell of its own, else its stand-in.
package func visibleScalar(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x20...0x7E: return scalar
    case 0x00...0x1F: return Unicode.Scalar(0x2400 + scalar.value) ?? replacement
    case 0x7F: return "\u{2421}"
    default: break
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
        .letterNumber, .otherNumber, .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
        .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol,
        .otherSymbol:
        // Hangul fillers and the like: letters by category, but drawn as nothing.
        return scalar.properties.isDefaultIgnorableCodePoint ? replacement : scalar
    case .nonspacingMark, .spacingMark, .enclosingMark, .spaceSeparator, .lineSeparator, .paragraphSeparator,
        .control, .format, .surrogate, .privateUse, .unassigned:
        return replacement
    @unknown default: return replacement
    }
}

private let replacement: Unicode.Scalar = "\u{FFFD}"

private func isPlain(_ text: String, limit: Int) -> Bool {
    text.utf8.count <= limit && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
}
