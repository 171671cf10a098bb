import NIOCore

@testable import Downstream

/// One input of a fuzzer: a byte that says how the stream is cut and made longer, and what a client sends.
struct RequestFuzzInput {
    private enum Told: Equatable {
        case head(target: String, keepsAlive: Bool, RequestHead.Body, expectsContinue: Bool)
        /// All that came before the next step of another kind.
        case body([UInt8])
        case end
        case rejected(Int)
    }

    private let bytes: [UInt8]
    /// The reads are this long.
    private let stride: Int

    private static let most = 64 << 10

    init(_ input: some Collection<UInt8>) {
        let (flags, stream) = (input.first ?? 0, Array(input.dropFirst()))
        let third = stream.count / 3
        // A short input can stand for a long one: its middle comes again and again.
        guard flags >= 224, third > 0 else {
            stride = Int(flags % 64) + 1
            bytes = stream
            return
        }
        stride = (Int(flags % 64) + 1) * 64
        let middle = repeatElement(stream[third..<(2 * third)], count: Self.most / third)
        bytes = stream[..<third] + Array(middle.joined()) + stream[(2 * third)...]
    }

    /// The error found in the parser; nil if there is none. Reads out of bounds trap by themselves, and recursion per
    /// line overflows the small stack that this runs on.
    func complaint() -> String? {
        let whole = parse(stride: .max)
        guard parse(stride: stride) == whole else { return "reads of \(stride) bytes differ: \(text)" }
        if let end = whole.firstIndex(where: { if case .rejected = $0 { true } else { false } }), end + 1 < whole.count
        {
            return "something is said after a refusal: \(text)"
        }
        return lengthComplaint(whole)
    }

    private var text: String { String(decoding: bytes.prefix(2000), as: UTF8.self) }

    private func lengthComplaint(_ whole: [Told]) -> String? {
        var (declared, received): (Int?, Int) = (nil, 0)
        for step in whole {
            switch step {
            case .head(_, _, let body, _):
                received = 0
                if case .length(let length) = body { declared = length } else { declared = nil }
            case .body(let part): received += part.count
            case .end where declared != nil && declared != received: return "\(received) of \(declared ?? 0): \(text)"
            case .end, .rejected: break
            }
            if received > min(declared ?? .max, RequestParser.maxBodyBytes) { return "too long a body: \(text)" }
        }
        return nil
    }

    private func parse(stride: Int) -> [Told] {
        var parser = RequestParser()
        var input = ByteBuffer()
        var told: [Told] = []
        var rest = ByteBuffer(bytes: bytes)
        while let part = rest.readSlice(length: min(stride, rest.readableBytes)), part.readableBytes > 0 {
            input.writeImmutableBuffer(part)
            parsing: while true {
                switch parser.next(&input) {
                case .needsMore: break parsing
                case .head(let head): told.append(read(head))
                case .body(let part):
                    var whole = Array(part.readableBytesView)
                    if case .body(var before) = told.last {
                        told.removeLast()  // so that the bytes are added in place
                        before += whole
                        whole = before
                    }
                    told.append(.body(whole))
                case .end: told.append(.end)
                case .rejected(let status): told.append(.rejected(status))
                }
            }
        }
        return told
    }

    /// The server's further reading of a head must not trap either.
    private func read(_ head: RequestHead) -> Told {
        let route = Route(head)
        let endpoint = DownstreamEndpoint(Scenario(name: "fuzz"), port: 80)
        _ = ControlAccess(token: "0123", announcing: endpoint).refusal(of: head, route)
        if case .fault(let query) = route { _ = InjectedFault(query: query) }
        return .head(
            target: head.targetString, keepsAlive: head.keepsAlive, head.body, expectsContinue: head.expectsContinue)
    }
}

/// One input of a fuzzer: a byte that says how the stream is cut, and what a TLS server sends first.
struct SessionFuzzInput {
    private let bytes: [UInt8]
    private let stride: Int

    init(_ input: some Collection<UInt8>) {
        stride = Int((input.first ?? 0) % 64) + 1
        bytes = Array(input.dropFirst())
    }

    /// Nothing but that it ends without a trap: when the verdict comes depends on where the flight is cut.
    func complaint() -> String? {
        for stride in [stride, bytes.count + 1] {
            var flight = ResumptionDetector()
            for start in Swift.stride(from: 0, to: bytes.count, by: stride) {
                _ = flight.isResumed(after: ByteBuffer(bytes: bytes[start..<min(start + stride, bytes.count)]))
            }
        }
        return nil
    }
}
