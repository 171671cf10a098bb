import Dashboard

/// The meaning of complete escape sequences.
enum KeySequence {
    /// The keys whose sequence ends in a letter: `ESC [ A`, `ESC O A`, and with modifiers `ESC [ 1 ; 5 A`.
    private static let letters: [UInt8: Key] = [
        UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right, UInt8(ascii: "D"): .left,
        UInt8(ascii: "H"): .home, UInt8(ascii: "F"): .end, UInt8(ascii: "Z"): .shiftTab,
        UInt8(ascii: "P"): .function(1),
        UInt8(ascii: "Q"): .function(2), UInt8(ascii: "S"): .function(4),
    ]

    /// The keys whose sequence is a number and `~`: VT220, rxvt and the Linux console.
    private static let numbers: [Int: Key] = [
        1: .home, 4: .end, 7: .home, 8: .end, 5: .pageUp, 6: .pageDown,
        11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5), 17: .function(6),
        18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10), 23: .function(11), 24: .function(12),
    ]

    /// The number pad in application mode: `ESC O` and a letter.
    private static let pad: [UInt8: Character] = [
        UInt8(ascii: "X"): "=", UInt8(ascii: "j"): "*", UInt8(ascii: "k"): "+", UInt8(ascii: "l"): ",",
        UInt8(ascii: "m"): "-", UInt8(ascii: "n"): ".", UInt8(ascii: "o"): "/",
    ]

    /// `ESC [ [ byte`, the Linux console's F1–F5.
    static func console(_ byte: UInt8) -> Key? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "E"): .function(Int(byte - UInt8(ascii: "A")) + 1)
        default: nil
        }
    }

    /// `ESC O byte`. F3 has its letter only here: behind `ESC [` it is the answer to a question about the cursor.
    static func single(_ byte: UInt8) -> Key? {
        switch byte {
        case UInt8(ascii: "R"): .function(3)
        case UInt8(ascii: "M"): .enter
        case UInt8(ascii: "p")...UInt8(ascii: "y"): .character(Unicode.Scalar(byte - 0x40))
        default: letters[byte] ?? pad[byte].flatMap { $0.unicodeScalars.first }.map(Key.character)
        }
    }

    /// `ESC [ parameters final`.
    static func control(final: UInt8, _ parameters: [UInt8]) -> TerminalEvent? {
        if parameters.first == UInt8(ascii: "<") {
            guard final == UInt8(ascii: "M") || final == UInt8(ascii: "m") else { return nil }
            return mouse(split(parameters.dropFirst()), isRelease: final == UInt8(ascii: "m"))
        }
        if parameters.first == UInt8(ascii: "?") { return final == UInt8(ascii: "c") ? .attributes : nil }
        let values = split(parameters[...])
        switch final {
        case UInt8(ascii: "~"): return values.first.flatMap { numbers[$0] }.map(TerminalEvent.key)
        case UInt8(ascii: "u"): return values.first.flatMap(unicode).map(TerminalEvent.key)
        default: return letters[final].map(TerminalEvent.key)
        }
    }

    /// Button, column and row, counted from one. Only the left button and the wheel are used.
    static func mouse(_ values: [Int], isRelease: Bool) -> TerminalEvent? {
        guard values.count == 3, !isRelease else { return nil }
        let act: MouseAction
        switch values[0] & ~0b1_1100 {  // without shift, alt and control
        case 0: act = .press
        case 64: act = .wheelUp
        case 65: act = .wheelDown
        default: return nil
        }
        return .mouse(x: max(0, values[1] - 1), y: max(0, values[2] - 1), act)
    }

    /// `11;rgb:RRRR/GGGG/BBBB`, each part with one to four hexadecimal digits.
    static func operatingSystemCommand(_ bytes: [UInt8]) -> TerminalEvent? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("11;rgb") else { return nil }
        let parts = text.drop { $0 != ":" }.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let levels = parts.prefix(3).compactMap { part -> Double? in
            guard (1...4).contains(part.utf8.count), let value = UInt32(part, radix: 16) else { return nil }
            return Double(value) / Double((UInt32(1) << (4 * UInt32(part.utf8.count))) - 1)
        }
        guard levels.count == 3 else { return nil }
        return .background(red: levels[0], green: levels[1], blue: levels[2])
    }

    /// A key given by its code point (`CSI u`), as some terminals send for Escape, Enter, Tab and Backspace.
    private static func unicode(_ value: Int) -> Key? {
        switch value {
        case 27: .escape
        case 13: .enter
        case 9: .tab
        case 8, 127: .backspace
        case 0x20..<0x7F: UInt32(exactly: value).flatMap(Unicode.Scalar.init).map(Key.character)
        default: nil
        }
    }

    private static func split(_ parameters: ArraySlice<UInt8>) -> [Int] {
        String(decoding: parameters, as: UTF8.self)
            .split(separator: ";", omittingEmptySubsequences: false)
            .map { Int($0.prefix(6)) ?? 0 }
    }
}
