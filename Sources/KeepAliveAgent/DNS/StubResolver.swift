package import DNSWire
package import NIOCore
package import PoolModel

/// Looks names up over UDP and TCP: the sockets and the clock around `ResolverMachine`.
///
/// Confined to one event loop, on which every call must be made and every completion is called. A completion may be
/// called before `resolve` returns, where no server has to be asked.
package final class StubResolver {
    package typealias Completion = (ResolutionOutcome) -> Void
    private typealias QueryID = ResolverMachine.QueryID

    private enum Input {
        case event(ResolverMachine.Event)
        case deadlineReached
    }

    private enum Route {
        case datagram(DNSDatagramSocket, id: UInt16)
        case stream(DNSStream)
    }

    package let eventLoop: any EventLoop
    /// Called once per DNS message sent.
    package var onQuery: () -> Void = {}
    /// Datagrams that answer no query of their socket.
    package internal(set) var strayDatagrams = 0
    /// Messages that could not be read.
    package private(set) var unreadableMessages = 0

    private var machine: ResolverMachine
    private var random = SystemRandomWords()
    private var effects: [ResolverMachine.Effect] = []
    /// Inputs that arrive while effects are performed.
    private var inputs: [Input] = []
    private var isRunning = false
    private var completions: [Completion?] = []
    private var freeNumbers: [Int] = []
    private var routes: [QueryID: Route] = [:]
    private var pools: [DNSServerAddress: DNSDatagramPool] = [:]
    private var unflushed: [DNSDatagramSocket] = []
    /// The lookup whose message was sent last in this run.
    private var lastLookup = -1
    private var timer: Scheduled<Void>?
    private var timerDeadline = ResolverMachine.never
    private var isClosed = false

    package init(eventLoop: any EventLoop, configuration: ResolverConfiguration) {
        self.eventLoop = eventLoop
        machine = ResolverMachine(configuration: configuration)
    }

    /// A change holds at once: lookups under way begin again. Sockets to servers that are no longer named are closed.
    package var configuration: ResolverConfiguration {
        get { machine.configuration }
        set {
            handle(.configurationChanged(newValue))
            for (server, pool) in pools where !newValue.servers.contains(server) {
                pool.retire()
                pools[server] = nil
            }
        }
    }

    /// Answers and failures that the machine did not take: late, unknown, or not matching their query.
    package var ignoredEvents: Int { machine.ignoredEvents }
    package var lookupsInFlight: Int { machine.lookupsInFlight }

    /// Calls `completion` exactly once, after `timeout` at the latest. After `close` the outcome is `serverFailure`.
    package func resolve(_ name: String, timeout: Nanoseconds, completion: @escaping Completion) {
        eventLoop.assertInEventLoop()
        let hasRoom = !freeNumbers.isEmpty || completions.count < ResolverMachine.maximumLookups
        guard !isClosed, hasRoom else { return completion(.serverFailure) }
        let number = freeNumbers.popLast() ?? completions.count
        if number == completions.count { completions.append(completion) } else { completions[number] = completion }
        handle(.lookupRequested(number, name: name, limit: timeout))
    }

    /// Ends every lookup with `serverFailure` and closes every socket.
    package func close() {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return }
        isClosed = true
        let running = completions.indices.filter { completions[$0] != nil }
        for number in running { handle(.lookupAbandoned(number)) }
        for pool in pools.values { pool.close() }
        pools = [:]
        timer?.cancel()
        timer = nil
        let waiting = completions
        completions = []
        for completion in waiting { completion?(.serverFailure) }
    }

    // MARK: From the sockets

    func received(_ query: ResolverMachine.QueryID, from server: DNSServerAddress?, _ bytes: ByteBuffer) {
        guard let server else { return }
        do {
            let message = try Message(decoding: Array(buffer: bytes))
            handle(.messageReceived(query, from: server, message))
        } catch {
            // Perhaps forged: the true answer may still come.
            unreadableMessages += 1
        }
    }

    func failed(_ query: ResolverMachine.QueryID) { handle(.queryFailed(query)) }

    // MARK: Running the machine

    private func handle(_ event: ResolverMachine.Event) { run(.event(event)) }

    private func run(_ input: Input) {
        inputs.append(input)
        if isRunning { return }
        isRunning = true
        var next = 0
        while next < inputs.count {
            switch inputs[next] {
            case .event(let event): machine.handle(event, now: now, using: &random, into: &effects)
            case .deadlineReached: machine.tick(now, using: &random, into: &effects)
            }
            next += 1
            performEffects()
        }
        inputs.removeAll(keepingCapacity: true)
        isRunning = false
        for socket in unflushed { socket.flush() }
        unflushed.removeAll(keepingCapacity: true)
        lastLookup = -1
        armTimer()
    }

    private var now: Nanoseconds { Nanoseconds(NIODeadline.now().uptimeNanoseconds) }

    private func performEffects() {
        var next = 0
        // Performing never appends: what it causes goes to `inputs`.
        while next < effects.count {
            perform(effects[next])
            next += 1
        }
        effects.removeAll(keepingCapacity: true)
    }

    private func perform(_ effect: ResolverMachine.Effect) {
        switch effect {
        case .sendDatagram(let query, let server, let id, let bytes):
            // A completion may have closed the resolver before the rest of its effects.
            if isClosed { return }
            let socket = socket(for: query, to: server, id: id)
            routes[query] = .datagram(socket, id: id)
            socket.send(query, id: id, bytes: bytes)
            if unflushed.last !== socket { unflushed.append(socket) }
            onQuery()
        case .sendStream(let query, let server, let bytes):
            if isClosed { return }
            let stream = DNSStream(query, server: server, resolver: self)
            routes[query] = .stream(stream)
            stream.open(on: eventLoop, bytes: bytes)
        case .stopListening(let query):
            switch routes.removeValue(forKey: query) {
            case .datagram(let socket, let id): socket.stopListening(id: id)
            case .stream(let stream): stream.close()
            case nil: return
            }
        case .complete(let number, let outcome):
            guard completions.indices.contains(number), let completion = completions[number] else { return }
            completions[number] = nil
            freeNumbers.append(number)
            completion(outcome)
        }
    }

    /// A and AAAA of one lookup, sent one after the other, share a socket.
    private func socket(for query: QueryID, to server: DNSServerAddress, id: UInt16) -> DNSDatagramSocket {
        if let last = unflushed.last, last.server == server, lastLookup == query.lookup,
            last.isUsable(for: id, now: .now())
        {
            return last
        }
        lastLookup = query.lookup
        return pools[server, default: DNSDatagramPool()].socket(
            for: server, id: id, resolver: self, random: &random)
    }

    /// One timer for all lookups. It is moved only when a deadline comes nearer; when it fires early it is set anew.
    private func armTimer() {
        let deadline = machine.nextDeadline
        guard deadline < timerDeadline, !isClosed else { return }
        timer?.cancel()
        timerDeadline = deadline
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(deadline, 0)))) {
            [weak self] in self?.deadlineReached()
        }
    }

    private func deadlineReached() {
        timer = nil
        timerDeadline = ResolverMachine.never
        run(.deadlineReached)
    }
}
