import AgentCore
import DNSWire
import Foundation
import PoolModel
import Testing

/// Every event in every phase of a connection: the documented successor, or ignored without a trace.
@Suite struct TransitionTableTests {
    /// The facts about one connection.
    enum Fact: CaseIterable {
        case resolved
        case resolvedNotFound
        case connected
        case attemptFailed
        case handshakeCompleted
        case handshakeFailed
        case requestWritten
        case requestBodyWritten
        case requestBodyWrittenLast
        case silenceMeasured
        case foundDead
        case responseHead
        case exchangeEnded
        case exchangeEndedClosing
        case exchangeUpgraded
        case exchangeFailed
        case bodyAbandoned
        case bodyAbandonedTooLong
        case connectionEnded
        case bytesWhileIdle

        func event(for id: ConnectionID, name: NameID) -> AgentEvent {
            switch self {
            case .resolved:
                .resolved(
                    name, for: id, .addresses([IPAddress(v4: 0x7F00_0001)], ttlSeconds: 60, source: .dns), elapsed: 5)
            case .resolvedNotFound: .resolved(name, for: id, .notFound(ttlSeconds: 5), elapsed: 5)
            case .connected: .connected(id, attempt: 0, localPort: 9)
            case .attemptFailed: .attemptFailed(id, attempt: 0, .connectRefused)
            case .handshakeCompleted: .handshakeCompleted(id, resumed: true)
            case .handshakeFailed: .handshakeFailed(id, .noAgreement)
            case .requestWritten: .requestWritten(id, bytes: 7)
            case .requestBodyWritten: .requestBodyWritten(id, bytes: 7, isLast: false)
            case .requestBodyWrittenLast: .requestBodyWritten(id, bytes: 7, isLast: true)
            case .silenceMeasured: .silenceMeasured(id, since: .zero)
            case .foundDead: .foundDead(id, .finished)
            case .responseHead: .responseHead(id, status: 200, KeepAliveHint())
            case .exchangeEnded: .exchangeEnded(id, closing: nil, bytesReceived: 7)
            case .exchangeEndedClosing: .exchangeEnded(id, closing: .closeHeaderReceived, bytesReceived: 7)
            case .exchangeUpgraded: .exchangeEnded(id, closing: .upgraded, bytesReceived: 7)
            case .exchangeFailed: .exchangeFailed(id, .framingError, bytesReceived: 7)
            case .bodyAbandoned: .bodyAbandoned(id, canDrain: true)
            case .bodyAbandonedTooLong: .bodyAbandoned(id, canDrain: false)
            case .connectionEnded:
                .connectionEnded(id, .finished, cause: .peerClosed, sawByte: false, bytesReceived: 0)
            case .bytesWhileIdle: .bytesWhileIdle(id)
            }
        }
    }

    enum Result: Equatable {
        case becomes(ConnectionPhase)
        case ends
        case ignored
    }

    /// The transitions documented at the cases of `ConnectionPhase`. Only https has a handshake, which another stage
    /// covers.
    static func expected(_ phase: ConnectionPhase, _ fact: Fact) -> Result {
        switch (phase, fact) {
        case (_, .connectionEnded): .ends
        case (.resolving, .resolved): .becomes(.connecting)
        case (.resolving, .resolvedNotFound): .ends
        case (.connecting, .connected): .becomes(.writing)
        case (.connecting, .attemptFailed): .ends
        case (.handshaking, .handshakeCompleted): .becomes(.writing)
        case (.handshaking, .handshakeFailed): .ends
        case (.idle, .bytesWhileIdle): .ends
        case (.writing, .requestWritten): .becomes(.awaitingHead)
        case (.writing, .foundDead): .ends
        case (.awaitingHead, .silenceMeasured): .becomes(.awaitingHead)
        case (.readingBody, .silenceMeasured): .becomes(.readingBody)
        case (.awaitingHead, .requestBodyWritten), (.awaitingHead, .requestBodyWrittenLast): .becomes(.awaitingHead)
        case (.readingBody, .requestBodyWritten), (.readingBody, .requestBodyWrittenLast): .becomes(.readingBody)
        case (.awaitingHead, .responseHead): .becomes(.readingBody)
        case (.readingBody, .exchangeEnded), (.draining, .exchangeEnded): .becomes(.idle)
        case (.readingBody, .exchangeEndedClosing), (.draining, .exchangeEndedClosing): .ends
        case (.readingBody, .exchangeUpgraded), (.draining, .exchangeUpgraded): .ends
        case (.writing, .exchangeFailed), (.awaitingHead, .exchangeFailed): .ends
        case (.readingBody, .exchangeFailed), (.draining, .exchangeFailed): .ends
        case (.readingBody, .bodyAbandoned): .becomes(.draining)
        case (.writing, .bodyAbandoned), (.awaitingHead, .bodyAbandoned): .ends
        case (.writing, .bodyAbandonedTooLong), (.awaitingHead, .bodyAbandonedTooLong): .ends
        case (.readingBody, .bodyAbandonedTooLong), (.draining, .bodyAbandonedTooLong): .ends
        default: .ignored
        }
    }

    /// All that can be seen but the count of ignored events.
    private static func books(_ rig: inout Rig) throws -> Data {
        var snapshot = rig.snapshot(sockets: true)
        snapshot.sequence = 0
        snapshot.ignoredEvents = 0
        snapshot.events = []
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try encoder.encode(snapshot)
    }

    @Test("Every event leads to the expected phase of a connection", arguments: ConnectionPhase.allCases, Fact.allCases)
    func aFactAboutAConnection(phase: ConnectionPhase, fact: Fact) throws {
        var stage = try Stage(phase)
        #expect(stage.phase == phase)
        let name = try stage.rig.machine.dnsNameForTests(stage.host)
        let ignored = stage.rig.snapshot().ignoredEvents
        let books = try Self.books(&stage.rig)
        let effects = stage.rig.effects
        stage.rig.send(fact.event(for: stage.id, name: name))
        let nowIgnored = stage.rig.snapshot().ignoredEvents
        switch Self.expected(phase, fact) {
        case .becomes(let successor):
            #expect(stage.phase == successor)
            #expect(nowIgnored == ignored)
        case .ends:
            #expect(stage.phase == nil)
            #expect(nowIgnored == ignored)
        case .ignored:
            #expect(nowIgnored == ignored + 1)
            #expect(stage.rig.effects == effects)
            #expect(try Self.books(&stage.rig) == books)
        }
        stage.rig.machine.checkInvariants()
    }

    /// The same facts while the agent drains: each has the effect it has otherwise, but nothing rests, and what ends
    /// lets the drain come to its end.
    @Test("Every event is handled while draining", arguments: ConnectionPhase.allCases, Fact.allCases)
    func aFactWhileDraining(phase: ConnectionPhase, fact: Fact) throws {
        var stage = try Stage(phase)
        let name = try stage.rig.machine.dnsNameForTests(stage.host)
        stage.rig.send(.drainBegan)
        let expected = phase == .idle ? Result.ignored : Self.expected(phase, fact)
        let ignored = stage.rig.snapshot().ignoredEvents
        stage.rig.send(fact.event(for: stage.id, name: name))
        let nowIgnored = stage.rig.snapshot().ignoredEvents
        switch expected {
        case .becomes(.idle): #expect(stage.phase == nil)
        case .becomes(let successor): #expect(stage.phase == successor)
        case .ends: #expect(stage.phase == nil)
        case .ignored: #expect(stage.phase == (phase == .idle ? nil : phase))
        }
        #expect((nowIgnored > ignored) == (expected == .ignored))
        #expect(stage.rig.machine.hosts.allSatisfy { $0.population.idle == 0 })
        // A waiter may need another dial.
        for _ in 0..<4 {
            try stage.finish()
            if !stage.rig.connects.isEmpty, stage.phase == nil { try stage.rig.connect() }
            stage.rig.pass(31)
        }
        #expect(stage.rig.machine.mode == .stopped && stage.rig.timesDrained == 1)
    }

    /// Nothing that is said after the end has an effect, but that a request fails at once.
    @Test("Nothing happens after the end", arguments: ConnectionPhase.allCases) func nothingHappensAfterTheEnd(
        phase: ConnectionPhase
    ) throws {
        var stage = try Stage(phase)
        let name = try stage.rig.machine.dnsNameForTests(stage.host)
        stage.rig.send(.shutdownBegan)
        var effects = stage.rig.effects
        for fact in Fact.allCases { stage.rig.send(fact.event(for: stage.id, name: name)) }
        #expect(stage.rig.effects == effects)
        for change in Change.allCases {
            stage.rig.send(change.event(stage))
            if case .requestArrived = change { effects += 1 }
        }
        stage.rig.pass(4000)
        #expect(stage.rig.effects == effects)
        #expect(stage.rig.outcomes[99] == .failed(.shutdown))
        #expect(stage.rig.machine.connections.liveCount == 0)
    }

    /// The connection has ended, and another one has its slot.
    @Test("A late event is ignored and counted", arguments: Fact.allCases) func aFactThatComesLate(fact: Fact) throws {
        var stage = try Stage(.idle)
        stage.rig.send(.idleCloseRequested(host: nil))
        stage.rig.arrive(stage.host)
        #expect(stage.rig.connects[0].id.slot == stage.id.slot)
        let name = try stage.rig.machine.dnsNameForTests(stage.host)
        let books = try Self.books(&stage.rig)
        let effects = stage.rig.effects
        stage.rig.send(fact.event(for: stage.id, name: name))
        #expect(stage.rig.snapshot().ignoredEvents == 1)
        #expect(stage.rig.effects == effects)
        #expect(try Self.books(&stage.rig) == books)
    }

    /// Everything else that can happen, in every phase, and what it leaves of the connection.
    enum Change: CaseIterable {
        case requestCancelled
        case requestGivenUp
        case requestArrived
        case querySent
        case keepAliveOff
        case keepAliveOffForHost
        case settingsChanged
        case hostAdjusted
        case idleCloseRequested
        case dnsFlushRequested
        case suspended
        case resolverChanged
        case markMade
        case drainBegan
        case shutdownBegan

        func event(_ stage: Stage) -> AgentEvent {
            switch self {
            case .requestCancelled: .requestCancelled(RequestID(stage.request ?? 1))
            case .requestGivenUp: .requestGivenUp(RequestID(stage.request ?? 1))
            case .requestArrived:
                .requestArrived(
                    RequestID(99), RequestArrival(host: stage.host, method: stage.rig.get, plannedAt: stage.rig.now))
            case .querySent: .querySent
            case .keepAliveOff: .keepAliveSet(.off, host: nil)
            case .keepAliveOffForHost: .keepAliveSet(.off, host: stage.host)
            case .settingsChanged: .settingsChanged(stage.rig.machine.settings)
            case .hostAdjusted: .hostAdjusted(stage.host) { _ in }
            case .idleCloseRequested: .idleCloseRequested(host: stage.host)
            case .dnsFlushRequested: .dnsFlushRequested
            case .suspended: .suspended(for: .seconds(60))
            case .resolverChanged: .resolverChanged
            case .markMade: .markMade(ProgramNotice(.totalsReset), host: nil)
            case .drainBegan: .drainBegan
            case .shutdownBegan: .shutdownBegan
            }
        }
    }

    static func expected(_ phase: ConnectionPhase, _ change: Change) -> Result {
        let carriesRequest = phase.isActive && phase != .draining
        return switch change {
        case .requestCancelled, .requestGivenUp:
            if phase == .writing {
                .becomes(.idle)
            } else if phase.isDialing || carriesRequest {
                .ends
            } else {
                .ignored
            }
        case .requestArrived: .becomes(phase == .idle ? .writing : phase)
        case .keepAliveOff, .keepAliveOffForHost, .idleCloseRequested, .drainBegan, .suspended:
            phase == .idle ? .ends : .becomes(phase)
        case .querySent, .settingsChanged, .hostAdjusted, .dnsFlushRequested, .resolverChanged, .markMade:
            .becomes(phase)
        case .shutdownBegan: .ends
        }
    }

    @Test("A connection survives every change of settings", arguments: ConnectionPhase.allCases, Change.allCases)
    func aChangeAroundAConnection(phase: ConnectionPhase, change: Change) throws {
        var stage = try Stage(phase)
        let books = try Self.books(&stage.rig)
        let effects = stage.rig.effects
        stage.rig.send(change.event(stage))
        let ignored = stage.rig.snapshot().ignoredEvents
        switch Self.expected(phase, change) {
        case .becomes(let successor):
            #expect(stage.phase == successor)
            #expect(ignored == 0)
        case .ends:
            #expect(stage.phase == nil)
            #expect(ignored == 0)
        case .ignored:
            #expect(ignored == 1)
            #expect(stage.rig.effects == effects)
            #expect(try Self.books(&stage.rig) == books)
        }
        stage.rig.machine.checkInvariants()
    }

    @Test("Events for requests that never existed are ignored")
    func requestsThatWereNeverThereAreIgnored() {
        var (rig, _) = Rig.one()
        rig.send(.requestCancelled(RequestID(5)))
        rig.send(.requestGivenUp(RequestID(5)))
        #expect(rig.snapshot().ignoredEvents == 2)
        #expect(rig.effects == 0)
    }

    @Test("Only an attempt in progress can end", arguments: [0, 1, 7]) func onlyAnAttemptInProgressCanEnd(attempt: Int)
        throws
    {
        var stage = try Stage(.connecting)
        stage.rig.send(.attemptFailed(stage.id, attempt: attempt, .connectRefused))
        stage.rig.send(.connected(stage.id, attempt: attempt, localPort: 1))
        #expect(stage.rig.snapshot().ignoredEvents == (attempt == 0 ? 1 : 2))
        #expect(stage.phase == (attempt == 0 ? nil : .connecting))
    }

    @Test("TLS handshakes are counted")
    func tlsIsCounted() throws {
        var stage = try Stage(.handshaking)
        let other = try Stage(.handshaking)
        stage.rig.send(.handshakeCompleted(stage.id, resumed: true))
        let counts = stage.rig.host(stage.host).metrics.tls
        #expect(counts.handshakes == 1 && counts.resumed == 1 && counts.failed == 0)
        // The machine can count them; the transport that tells it cannot see them.
        #expect(stage.rig.host(stage.host).figures.resumed == .unknown)
        stage = other
        stage.rig.peerEnds(stage.id, .tls(nil), cause: .tlsHandshakeFailed)
        #expect(stage.rig.host(stage.host).metrics.tls.failed == 1)
    }
}

extension AgentMachine {
    /// The host's name, or one that nobody asks for.
    mutating func dnsNameForTests(_ host: HostID) throws -> NameID {
        if let name = hosts[host.index].nameID { return name }
        let other = addHost(
            HostDescription(name: "other", origin: "http://other:80", isTLS: false, port: 80, location: .name("o.test"))
        )
        return try #require(hosts[other.index].nameID)
    }
}
