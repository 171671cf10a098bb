/// The state of one address family of one candidate.
enum FamilyState: Sendable, Equatable {
    /// Switched off. Final.
    case skipped
    /// A try is in progress. → asking (next try), addresses, noData, noName, failed.
    case asking(Try)
    /// Final.
    case addresses([IPAddress], ttlSeconds: UInt32)
    /// The name exists without this type. Final.
    case noData(ttlSeconds: UInt32)
    /// The name does not exist. Final.
    case noName(ttlSeconds: UInt32)
    /// All tries have been used. Final unless a late answer arrives. → addresses, noData, noName.
    case failed(anyAnswer: Bool)

    struct Try: Sendable, Equatable {
        /// The position in servers × attempts.
        var number: Int
        var serial: UInt32
        var deadline: Int64
        /// Whether a server of this or an earlier try answered with a failure or could not be reached.
        var anyAnswer: Bool
    }

    var isAsking: Bool { if case .asking = self { true } else { false } }
    var hasAddresses: Bool { if case .addresses = self { true } else { false } }
}

extension FamilyState {
    enum Step: Sendable, Equatable {
        case stay
        case become(FamilyState)
        /// Send another message. If no try with that number is left, the family has failed.
        case ask(Attempt)
    }

    /// One message of a try, and how to send it.
    struct Attempt: Sendable, Equatable {
        /// The position of the try in servers × attempts.
        var number: Int
        /// Whether an earlier message was answered with a failure, or its server could not be reached.
        var anyAnswer = false
        var edns = true
        /// Over TCP.
        var isStream = false
    }

    /// The transition for the verdict on the message of try `serial`, which was sent with or without EDNS, over TCP or
    /// UDP.
    ///
    /// Final states do not change, except that a late answer replaces `failed`. From an earlier try only an answer
    /// counts: its late failure says nothing about the try in progress.
    func step(after verdict: ResponseVerdict, serial: UInt32, edns: Bool, isStream: Bool) -> Step {
        let running: Try?
        switch self {
        case .skipped, .addresses, .noData, .noName: return .stay
        case .failed: running = nil
        case .asking(let current): running = current.serial == serial ? current : nil
        }
        switch verdict {
        case .addresses(let addresses, let ttl): return .become(.addresses(addresses, ttlSeconds: ttl))
        case .noData(let ttl): return .become(.noData(ttlSeconds: ttl))
        case .noName(let ttl): return .become(.noName(ttlSeconds: ttl))
        case .unrelated: return .stay
        case .truncated:
            guard let running else { return .stay }
            return .ask(.init(number: running.number, anyAnswer: running.anyAnswer, edns: edns, isStream: true))
        case .ednsRefused:
            guard let running else { return .stay }
            return .ask(.init(number: running.number, anyAnswer: true, edns: false, isStream: isStream))
        case .failed:
            guard let running else { return .stay }
            return .ask(.init(number: running.number + 1, anyAnswer: true))
        }
    }
}
