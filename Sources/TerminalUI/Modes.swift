import FoundationEssentials

/// The sequences that we send in addition to those from curses.
enum Modes {
    /// A frame between these two is shown at once on terminals that support them; others ignore them.
    static let beginFrame = "\u{1B}[?2026h"
    static let endFrame = "\u{1B}[?2026l"
    static let off = endFrame + mouse(false) + "\u{1B}[?2004l"

    static func on(mouse isMouseOn: Bool) -> String { "\u{1B}[?2004h" + (isMouseOn ? mouse(true) : "") }

    /// Reports button presses and the wheel, in the format without the limit of 223 columns.
    static func mouse(_ isOn: Bool) -> String { isOn ? "\u{1B}[?1000h\u{1B}[?1006h" : "\u{1B}[?1006l\u{1B}[?1000l" }

    /// Text for the clipboard of the terminal (OSC 52).
    static func copy(_ text: String) -> String { "\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{07}" }
}
