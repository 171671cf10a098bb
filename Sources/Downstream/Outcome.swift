import NIOCore

/// How one ordinary request is answered.
enum Outcome: Equatable {
    /// The complete response of the scenario, sent at once.
    case served
    /// The same response, its body in the parts that `Scenario.dribble` describes.
    case dribbled
    /// A complete response with this status.
    case status(Int)
    /// A reset in the middle of the body or before the head.
    case reset
    /// Nothing more is sent, before or after the head.
    case hang
    /// The complete response of the scenario, twice.
    case unsolicited
}

/// An outcome, and the range of draws between 0 and 1 that lead to it.
struct OutcomeShare {
    enum Kind {
        case outcome(Outcome)
        case stall
    }
    /// The range begins at the upper bound of the share before.
    var upperBound: Double
    var kind: Kind

    /// All outcomes of the scenario that are not the ordinary one, in the order of their ranges.
    static func all(of scenario: Scenario) -> [OutcomeShare] {
        var kinds: [(rate: Double, kind: Kind)] = [
            (scenario.resetRate, .outcome(.reset)), (scenario.unavailableRate, .outcome(.status(503))),
            (scenario.stallRate, .stall), (scenario.hangRate, .outcome(.hang)),
            (scenario.unsolicitedRate, .outcome(.unsolicited)),
        ]
        kinds += scenario.statusRates.map { ($0.rate, .outcome(.status($0.status))) }
        var bound = 0.0
        return kinds.filter { $0.rate > 0 }.map { rate, kind in
            bound += rate
            return OutcomeShare(upperBound: bound, kind: kind)
        }
    }
}

extension Server {
    func answer(_ outcome: Outcome, to head: RequestHead, closes: Bool, served: Int) -> Answer {
        var answer = Answer(
            bytes: kit.response(to: head, closes: closes, served: served), ending: closes ? .close : .keep)
        switch outcome {
        case .served: break
        case .dribbled: dribble(&answer)
        case .status(let status):
            return text(status, status == 503 ? "try again\n" : "\(status)\n", head, answer.ending, served)
        case .reset:
            guard !scenario.resetsBeforeHead else { return Answer(status: 0, ending: .cut(.reset)) }
            cutMidway(&answer, .reset)
        case .hang:
            guard scenario.hangsAfterHead else { return Answer(status: 0, ending: .hang) }
            // The response to HEAD is complete after its head.
            guard head.method != .head else { return answer }
            answer.bytes = answer.bytes.readHead()
            answer.ending = .hang
        case .unsolicited: answer.bytes.writeImmutableBuffer(answer.bytes)
        }
        return answer
    }

    private func dribble(_ answer: inout Answer) {
        guard let dribble = scenario.dribble else { return }
        var body = answer.bytes
        answer.bytes = body.readHead()
        while let piece = body.readSlice(length: min(dribble.bytes, body.readableBytes)), piece.readableBytes > 0 {
            answer.pieces.append(piece)
        }
        answer.gap = Int64(dribble.everySeconds * 1e9)
    }
}

extension ByteBuffer {
    /// Reads the head of a response, including the empty line that ends it.
    fileprivate mutating func readHead() -> ByteBuffer {
        let bytes = readableBytesView
        let end = bytes.indices.first { bytes[$0...].starts(with: [13, 10, 13, 10]) } ?? bytes.endIndex - 4
        return readSlice(length: end + 4 - bytes.startIndex) ?? self
    }
}
