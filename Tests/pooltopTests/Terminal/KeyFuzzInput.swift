import Dashboard

@testable import TerminalUI

/// One input of a fuzzer: a byte that says how the stream is cut, and what a terminal sends.
struct KeyFuzzInput {
    private let bytes: [UInt8]
    /// The reads are this long.
    private let stride: Int

    init(_ input: some Collection<UInt8>) {
        stride = Int((input.first ?? 0) % 16) + 1
        bytes = Array(input.dropFirst())
    }

    /// The error found in the decoder; nil if there is none.
    func complaint() -> String? {
        var (whole, cut) = (KeyDecoder(), KeyDecoder())
        var events = whole.feed(bytes)
        var others: [TerminalEvent] = []
        for start in Swift.stride(from: 0, to: bytes.count, by: stride) {
            others += cut.feed(bytes[start..<min(start + stride, bytes.count)])
        }
        guard others == events, cut.patience == whole.patience else { return "reads of \(stride) differ: \(bytes)" }
        // One byte completes one event, and may cut one off before it.
        guard events.count <= 2 * bytes.count else { return "more events than bytes: \(bytes)" }
        if whole.patience != nil { events += whole.silence() }
        guard whole.patience == nil else { return "unfinished after silence: \(bytes)" }
        guard whole.feed([UInt8(ascii: "x")]) == [.key(.character("x"))] else {
            return "a key is lost after it: \(bytes)"
        }
        return events.lazy.compactMap(complaint).first
    }

    /// Keys and places that no terminal has.
    private func complaint(_ event: TerminalEvent) -> String? {
        switch event {
        case .key(.character(let scalar)) where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
            "a control character is a key: \(bytes)"
        case .key(.ctrl(let scalar)) where !("a"..."z").contains(scalar): "no key of control: \(bytes)"
        case .mouse(let x, let y, _) where x < 0 || y < 0: "beside the screen: \(bytes)"
        case .background(let red, let green, let blue)
        where ![red, green, blue].allSatisfy((0...1).contains): "no colour: \(bytes)"
        case .key, .mouse, .paste, .background, .attributes: nil
        }
    }
}
