import Dashboard

/// One event from the terminal.
enum TerminalEvent: Equatable {
    case key(Key)
    /// Coordinates start with 0, 0 at the top left.
    case mouse(x: Int, y: Int, MouseAction)
    /// The end of a bracketed paste; its contents are discarded.
    case paste
    /// The response to OSC 11: the background colour, each component 0…1.
    case background(red: Double, green: Double, blue: Double)
    /// The response to DA1, which every terminal sends, in the order of the queries.
    case attributes
}

/// Decodes the bytes that a terminal sends into events. Pure: no descriptor, no clock.
///
/// The bytes are decoded here and not by curses for three reasons. curses reads the descriptor itself and keeps keys in
/// its own queue, so a loop that polls the descriptor misses them. It knows only the sequences in one terminfo entry,
/// while terminals, multiplexers and modes mix several. And it cannot distinguish a paste or a query response from keys
/// that the user pressed.
///
/// An unknown sequence is read to its end and dropped; it never produces a key.
struct KeyDecoder {
    private enum State {
        case ground
        /// A UTF-8 character that needs `missing` more bytes.
        case character(value: UInt32, missing: Int, least: UInt32)
        case escape
        /// After `ESC [`, with the parameter bytes so far.
        case control([UInt8])
        /// After `ESC O`.
        case single
        /// After `ESC [ [`, the Linux console's F1–F5.
        case console
        /// After `ESC [ M`: three bytes of the oldest mouse report.
        case oldMouse([UInt8])
        /// Inside OSC, DCS, APC or PM, until BEL or `ESC \`.
        case string([UInt8], isOSC: Bool, escaped: Bool)
        /// Inside a bracketed paste, after this many bytes of its end mark.
        case paste(matched: Int)
    }

    private var state = State.ground

    /// The time without input after which `silence()` must be called; nil if no sequence is incomplete.
    var patience: Duration? {
        switch state {
        case .ground: nil
        case .escape: .milliseconds(25)
        case .character, .control, .single, .console, .oldMouse, .string: .milliseconds(100)
        case .paste: .seconds(1)
        }
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) -> [TerminalEvent] {
        var events: [TerminalEvent] = []
        for byte in bytes {
            if let event = take(byte, &events) { events.append(event) }
        }
        return events
    }

    /// Called when no more input arrived: a single escape byte was the Escape key, and any other incomplete sequence is
    /// dropped. A paste that has lost its end mark must not swallow all later keys.
    mutating func silence() -> [TerminalEvent] {
        defer { state = .ground }
        switch state {
        case .escape: return [.key(.escape)]
        case .paste: return [.paste]
        case .ground, .character, .control, .single, .console, .oldMouse, .string: return []
        }
    }

    /// Returns the event that the byte completes. An event that the byte interrupts is appended to `events` first.
    private mutating func take(_ byte: UInt8, _ events: inout [TerminalEvent]) -> TerminalEvent? {
        switch state {
        case .ground: return takeGround(byte)
        case .character(let value, let missing, let least):
            return takeContinuation(byte, value: value, missing: missing, least: least)
        case .escape:
            return takeAfterEscape(byte, &events)
        case .control(let parameters):
            return takeControl(byte, parameters)
        case .single:
            state = .ground
            return byte < 0x20 ? takeGround(byte) : KeySequence.single(byte).map(TerminalEvent.key)
        case .console:
            state = .ground
            return KeySequence.console(byte).map(TerminalEvent.key)
        case .oldMouse(let bytes):
            let all = bytes + [byte]
            state = all.count < 3 ? .oldMouse(all) : .ground
            return all.count < 3 ? nil : KeySequence.mouse(all.map { Int($0) - 32 }, isRelease: false)
        case .string(let bytes, let isOSC, let escaped):
            return takeString(byte, bytes, isOSC: isOSC, escaped: escaped)
        case .paste(let matched):
            return takePasted(byte, matched)
        }
    }

    private mutating func takeGround(_ byte: UInt8) -> TerminalEvent? {
        state = .ground
        switch byte {
        case 0x1B: state = .escape
        case 0x08, 0x7F: return .key(.backspace)
        case 0x09: return .key(.tab)
        case 0x0A, 0x0D: return .key(.enter)
        case 0x01...0x1A: return .key(.ctrl(Unicode.Scalar(byte + 0x60)))
        case 0x00, 0x1C...0x1F: return nil
        case 0x20...0x7E: return .key(.character(Unicode.Scalar(byte)))
        case 0xC2...0xDF: state = .character(value: UInt32(byte & 0x1F), missing: 1, least: 0x80)
        case 0xE0...0xEF: state = .character(value: UInt32(byte & 0x0F), missing: 2, least: 0x800)
        case 0xF0...0xF4: state = .character(value: UInt32(byte & 0x07), missing: 3, least: 0x10000)
        default: return nil  // 0x80…0xC1 and 0xF5…0xFF begin no character
        }
        return nil
    }

    private mutating func takeContinuation(
        _ byte: UInt8, value: UInt32, missing: Int, least: UInt32
    ) -> TerminalEvent? {
        guard byte & 0xC0 == 0x80 else { return takeGround(byte) }
        let whole = value << 6 | UInt32(byte & 0x3F)
        if missing > 1 {
            state = .character(value: whole, missing: missing - 1, least: least)
            return nil
        }
        state = .ground
        guard whole >= least, whole > 0x9F, let scalar = Unicode.Scalar(whole) else { return nil }
        return .key(.character(scalar))
    }

    private mutating func takeAfterEscape(_ byte: UInt8, _ events: inout [TerminalEvent]) -> TerminalEvent? {
        switch byte {
        case UInt8(ascii: "["): state = .control([])
        case UInt8(ascii: "O"): state = .single
        case UInt8(ascii: "]"): state = .string([], isOSC: true, escaped: false)
        case UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
            state = .string([], isOSC: false, escaped: false)
        case 0x1B:
            return .key(.escape)  // and the second one may begin something
        default:
            // Alt with a key and Escape followed by a key are indistinguishable. As in curses both keys count, so that
            // typing `esc q` quickly works.
            events.append(.key(.escape))
            return takeGround(byte)
        }
        return nil
    }

    private mutating func takeControl(_ byte: UInt8, _ parameters: [UInt8]) -> TerminalEvent? {
        switch byte {
        case 0x20...0x3F:
            // The longest known sequence has 20 bytes; of longer ones only the end matters.
            state = .control(parameters.count < 64 ? parameters + [byte] : parameters)
            return nil
        case UInt8(ascii: "[") where parameters.isEmpty:
            state = .console
            return nil
        case UInt8(ascii: "M") where parameters.isEmpty:
            state = .oldMouse([])
            return nil
        case 0x40...0x7E:
            state = .ground
            if byte == UInt8(ascii: "~"), parameters == Array("200".utf8) {
                state = .paste(matched: 0)
                return nil
            }
            return KeySequence.control(final: byte, parameters)
        default:
            return takeGround(byte)  // a control byte cuts the sequence off and counts itself
        }
    }

    private mutating func takeString(
        _ byte: UInt8, _ bytes: [UInt8], isOSC: Bool, escaped: Bool
    ) -> TerminalEvent? {
        if byte == 0x07 || (escaped && byte == UInt8(ascii: "\\")) {
            state = .ground
            return isOSC ? KeySequence.operatingSystemCommand(bytes) : nil
        }
        if escaped {
            state = .escape  // not the end mark: the string is broken off, and this is another sequence
            var none: [TerminalEvent] = []
            return takeAfterEscape(byte, &none)
        }
        let kept = byte == 0x1B || bytes.count >= 256 ? bytes : bytes + [byte]
        state = .string(kept, isOSC: isOSC, escaped: byte == 0x1B)
        return nil
    }

    private mutating func takePasted(_ byte: UInt8, _ matched: Int) -> TerminalEvent? {
        let end = Array("\u{1B}[201~".utf8)
        let now = byte == end[matched] ? matched + 1 : (byte == end[0] ? 1 : 0)
        state = now == end.count ? .ground : .paste(matched: now)
        return now == end.count ? .paste : nil
    }
}
