/// The maximum length of foreign text, in scalars.
package let visibleTextLimit = 256

/// Makes foreign text safe to show on the screen, in reports, in logs and in exit messages.
///
/// A scalar that could move the cursor or reorder, hide or join characters (C0, DEL, C1, formats such as RLO and ZWJ,
/// separators), or that has no standard appearance (private use, unassigned), is replaced by one visible placeholder.
/// Text of more than `limit` scalars is truncated, with an ellipsis at the end.
package func visibleText(
    _ text: String, limit: Int = visibleTextLimit, placeholders: Placeholders = .pictures
) -> String {
    if isPlain(text, limit: limit) { return text }
    let most = max(1, limit)
    var shown = String.UnicodeScalarView()
    var count = 0
    var isAfterShown = false
    for scalar in text.unicodeScalars {
        if count == most {
            let ellipsis = placeholders.ellipsis.prefix(most)
            shown.removeLast(ellipsis.count)
            shown.append(contentsOf: ellipsis)
            break
        }
        let stays = isShown(scalar, placeholders, isAfterShown: isAfterShown)
        shown.append(stays ? scalar : placeholders.standIn(for: scalar))
        isAfterShown = stays && scalar != " "
        count += 1
    }
    return String(shown)
}

/// The same for bytes: they are decoded as UTF-8, and invalid sequences become U+FFFD.
package func visibleText(decoding bytes: some Collection<UInt8>, limit: Int = visibleTextLimit) -> String {
    visibleText(String(decoding: bytes.prefix(max(1, limit) * 4 + 4), as: UTF8.self), limit: limit)
}

/// The scalar itself if it can be shown in a cell of its own, otherwise its placeholder.
package func visibleScalar(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    Appearance(scalar) == .alone ? scalar : Placeholders.pictures.standIn(for: scalar)
}

/// The placeholders for characters that cannot be shown.
package enum Placeholders: Sendable {
    /// `␛` and similar for C0 and DEL, U+FFFD for the rest, `…` for truncated text. For screens, where each scalar has
    /// its own cell; a combining mark such as U+0301 has none, so it is replaced too.
    case pictures
    /// `?` and `...`: for reports and messages, which also go to logs and files. A combining mark stays on its letter.
    case ascii

    fileprivate var ellipsis: String.UnicodeScalarView {
        switch self {
        case .pictures: "…".unicodeScalars
        case .ascii: "...".unicodeScalars
        }
    }

    fileprivate func standIn(for scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch self {
        case .ascii: return "?"
        case .pictures:
            if scalar.value < 0x20 { return Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}" }
            return scalar.value == 0x7F ? "\u{2421}" : "\u{FFFD}"
        }
    }
}

/// How a scalar appears in a line of text.
package enum Appearance: Sendable {
    /// It has a visible shape and its own columns.
    case alone
    /// It combines with the character before it.
    case mark
    /// It is invisible, or it affects the terminal or the text around it.
    case unsafe

    package init(_ scalar: Unicode.Scalar) {
        if scalar.isASCII {
            self = (0x20...0x7E).contains(scalar.value) ? .alone : .unsafe
            return
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol,
            .otherSymbol:
            // Hangul fillers and similar are letters by category but are drawn as nothing.
            self = properties.isDefaultIgnorableCodePoint ? .unsafe : isConjoining(scalar) ? .mark : .alone
        case .nonspacingMark, .spacingMark, .enclosingMark:
            // Variation selectors change the width of the character before them.
            self = properties.isDefaultIgnorableCodePoint ? .unsafe : .mark
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .format, .surrogate, .privateUse,
            .unassigned:
            self = .unsafe
        @unknown default: self = .unsafe
        }
    }
}

private func isShown(_ scalar: Unicode.Scalar, _ placeholders: Placeholders, isAfterShown: Bool) -> Bool {
    switch Appearance(scalar) {
    case .alone: true
    // A mark without a letter before it would combine with our own text.
    case .mark: placeholders == .ascii && isAfterShown
    case .unsafe: false
    }
}

private func isPlain(_ text: String, limit: Int) -> Bool {
    text.utf8.count <= limit && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
}
