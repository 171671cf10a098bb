import DNSWire
import Testing

/// The world around one `ResolverMachine`: it keeps the messages that are on their way, answers them as a test says, and
/// rejects effects that make no sense (rule 7 of the machine).
struct DNSResolverWorld {
    typealias QueryID = ResolverMachine.QueryID

    struct Sent: Equatable {
        var query: QueryID
        var server: DNSServerAddress
        var isStream: Bool
        var message: Message

        var label: String {
            let question = message.questions.first
            let type = question?.type == .aaaa ? "AAAA" : "A"
            return "\(type) \(question?.name.description ?? "?") @\(server.port)\(isStream ? " tcp" : "")"
        }
    }

    var machine: ResolverMachine
    var random = SeededGenerator(state: 1)
    var now: ResolverMachine.Nanoseconds = 1_000_000_000
    /// All that was sent, in order.
    private(set) var sent: [Sent] = []
    private(set) var open: Set<QueryID> = []
    private(set) var outcomes: [Int: ResolutionOutcome] = [:]
    private var effects: [ResolverMachine.Effect] = []

    /// Servers are told apart by their port.
    init(servers: Int = 1, _ change: (inout ResolverConfiguration) -> Void = { _ in }) {
        var configuration = ResolverConfiguration()
        configuration.servers = (1...servers).map { DNSServerAddress(address: .loopbackV4, port: UInt16($0)) }
        change(&configuration)
        machine = ResolverMachine(configuration: configuration)
    }

    var labels: [String] { sent.map(\.label) }
    var outcome: ResolutionOutcome? { outcomes[0] }

    mutating func resolve(_ name: String, number: Int = 0, limitMilliseconds: Int64 = 10_000) {
        handle(.lookupRequested(number, name: name, limit: limitMilliseconds * 1_000_000))
    }

    mutating func handle(_ event: ResolverMachine.Event) {
        machine.handle(event, now: now, using: &random, into: &effects)
        perform()
    }

    /// Moves to the machine's next deadline, or `milliseconds` on where that comes first.
    mutating func wait(milliseconds: Int64) {
        let end = now + milliseconds * 1_000_000
        while machine.nextDeadline <= end {
            now = max(now, machine.nextDeadline)
            machine.tick(now, using: &random, into: &effects)
            perform()
            guard machine.nextDeadline > now else {
                Issue.record("a tick must use up its deadline")
                return
            }
        }
        now = end
    }

    /// Answers the newest message with this label.
    mutating func answer(
        _ label: String, from server: DNSServerAddress? = nil, _ change: (inout Message) -> Void = { _ in }
    ) throws {
        let sent = try #require(self.sent.last { $0.label == label }, "\(label) was not sent")
        var response = sent.message.response()
        response.recursionAvailable = true
        change(&response)
        handle(.messageReceived(sent.query, from: server ?? sent.server, response))
    }

    mutating func fail(_ label: String) throws {
        let sent = try #require(self.sent.last { $0.label == label }, "\(label) was not sent")
        handle(.queryFailed(sent.query))
    }

    private mutating func perform() {
        for effect in effects {
            switch effect {
            case .sendDatagram(let query, let server, let id, let bytes):
                note(query, server, bytes, isStream: false)
                #expect(sent.last?.message.id == id)
            case .sendStream(let query, let server, let bytes):
                note(query, server, bytes, isStream: true)
            case .stopListening(let query):
                #expect(open.remove(query) != nil, "only a query that is listened to ends")
            case .complete(let number, let outcome):
                #expect(outcomes.updateValue(outcome, forKey: number) == nil, "a lookup completes once")
                #expect(!open.contains { $0.lookup == number }, "complete comes last")
            }
        }
        effects.removeAll()
    }

    private mutating func note(_ query: QueryID, _ server: DNSServerAddress, _ bytes: [UInt8], isStream: Bool) {
        #expect(open.insert(query).inserted, "a query is never used twice")
        do {
            let message = try Message(decoding: bytes)
            sent.append(Sent(query: query, server: server, isStream: isStream, message: message))
        } catch {
            Issue.record("the machine sent what cannot be read: \(error)")
        }
    }
}

/// An answer with one address.
func addresses(_ texts: String..., ttlSeconds: UInt32 = 60) -> (inout Message) -> Void {
    { message in
        guard let asked = message.questions.first else { return }
        message.answers = texts.map { .address(asked.name, address($0), ttlSeconds: ttlSeconds) }
    }
}

func noName(ttlSeconds: UInt32 = 30) -> (inout Message) -> Void {
    { message in
        message.responseCode = .nameError
        message.authorities = [soa(ttlSeconds: ttlSeconds, minimumSeconds: ttlSeconds)]
    }
}

func noData(ttlSeconds: UInt32 = 30) -> (inout Message) -> Void {
    { $0.authorities = [soa(ttlSeconds: ttlSeconds, minimumSeconds: ttlSeconds)] }
}

func code(_ code: ResponseCode) -> (inout Message) -> Void { { $0.responseCode = code } }
