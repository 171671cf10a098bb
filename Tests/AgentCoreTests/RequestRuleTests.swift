import AgentCore
import DNSWire
import PoolModel
import Testing

/// BEHAVIOUR §2 rules 12 and 13: cancelling, and bodies that are given up.
@Suite struct RequestRuleTests {
    @Test("Cancelling a queued request opens no connection and leaves no record")
    func rule12CancellingAQueuedRequestOpensNothingAndLeavesNoRecord() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 1 }
        rig.arrive(host)
        let queued = rig.arrive(host)
        rig.cancel(queued)
        #expect(rig.outcomes == [queued: .cancelled])
        #expect(rig.connects.count == 1)
        #expect(rig.machine.hosts[0].waiters.count == 1)
        rig.pass(40)
        #expect(rig.outcomes[queued] == .cancelled, "its limit does not end it twice")
    }

    @Test("Cancelling a request frees the last slot")
    func rule12CancellingGivesTheLastSlotBack() throws {
        var rig = Rig { $0.maxTotalSockets = 1 }
        let (a, b) = (rig.addHost("a"), rig.addHost("b"))
        let dialling = rig.arrive(a)
        let dial = rig.connects[0].id
        let waiting = rig.arrive(b)
        rig.cancel(dialling)
        #expect(rig.aborted == [dial])
        try rig.connect()
        try rig.serve(waiting)
    }

    @Test("A surplus dial is aborted and a needed one is not")
    func rule12ASurplusDialIsGivenBackAndANeededOneIsNot() throws {
        var (rig, host) = Rig.one()
        let requests = (0..<3).map { _ in rig.arrive(host) }
        let dials = rig.connects.map(\.id)
        rig.cancel(requests[0])
        #expect(rig.aborted == [dials[2]], "the newest")
        #expect(rig.connects.count == 2)
        try rig.connect()
        try rig.connect()
        try rig.serve(requests[1])
        try rig.serve(requests[2])
        #expect(rig.connections(host).dialFailed == 1)
    }

    @Test("Cancelling before the first byte keeps the connection")
    func rule12CancellingBeforeTheFirstByteKeepsTheConnection() throws {
        var (rig, host) = Rig.one()
        let id = try rig.idleConnections(at: host)[0]
        let request = rig.arrive(host)
        rig.cancel(request)
        #expect(rig.outcomes[request] == .cancelled)
        #expect(rig.closed.isEmpty)
        #expect(rig.take(host) == id)
    }

    @Test("Cancelling before the first byte keeps the connection for a waiter")
    func rule12CancellingBeforeTheFirstByteKeepsTheConnectionOfAWaiterToo() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 1 }
        let first = rig.arrive(host)
        let second = rig.arrive(host)
        let id = try rig.connect()
        rig.cancel(first)
        #expect(rig.connection(of: second) == id)
        #expect(rig.assignments[second]?.isReused == false)
    }

    /// The deed of an assignment is still to be done when its request is cancelled: the shell can ask.
    @Test("The shell can detect an assignment that was withdrawn")
    func rule12AnAssignmentThatWasTakenBackCanBeTold() throws {
        var (rig, host) = Rig.one()
        let id = try rig.idleConnections(at: host)[0]
        let request = rig.arrive(host)
        #expect(rig.machine.assignment(of: RequestID(request), to: id) != nil)
        rig.cancel(request)
        #expect(rig.machine.assignment(of: RequestID(request), to: id) == nil)
        let next = rig.arrive(host)
        #expect(rig.machine.assignment(of: RequestID(request), to: id) == nil)
        #expect(rig.machine.assignment(of: RequestID(next), to: id) != nil)
        try rig.write(next)
        #expect(rig.machine.assignment(of: RequestID(next), to: id) == nil, "it was performed")
    }

    @Test("Cancelling after the first byte closes the connection")
    func rule12CancellingLaterClosesTheConnection() throws {
        for phase in 0..<2 {
            var (rig, host) = Rig.one()
            let request = rig.arrive(host)
            let id = try rig.connect()
            try rig.write(request)
            if phase == 1 { try rig.head(request) }
            rig.cancel(request)
            #expect(rig.closed == [id: .requestCancelled])
            #expect(rig.outcomes == [request: .cancelled])
        }
    }

    @Test("An abandoned body is drained and the connection reused")
    func rule13AnAbandonedBodyIsDrainedAndTheConnectionReused() throws {
        var (rig, host) = Rig.one()
        let request = rig.arrive(host)
        let id = try rig.connect()
        try rig.write(request)
        try rig.head(request)
        rig.send(.bodyAbandoned(id, canDrain: true))
        #expect(rig.drained == [id])
        #expect(rig.outcomes == [request: .cancelled])
        #expect(rig.host(host).metrics.requests.inFlight == 0)
        rig.pass(0.04)
        rig.send(.exchangeEnded(id, closing: nil, bytesReceived: 10))
        #expect(rig.take(host) == id)
    }

    @Test("Draining an abandoned body has a time limit")
    func rule13DrainingHasALimitOfTime() throws {
        var (rig, host) = Rig.one()
        let request = rig.arrive(host)
        let id = try rig.connect()
        try rig.write(request)
        try rig.head(request)
        rig.send(.bodyAbandoned(id, canDrain: true))
        rig.pass(0.06)
        #expect(rig.closed == [id: .bodyAbandoned])
    }

    /// At once, or while draining when more came than the limit of bytes allows.
    @Test("An abandoned body that is too long is not drained", arguments: [false, true]) func rule13TooMuchIsNotDrained(
        afterDraining: Bool
    ) throws {
        var (rig, host) = Rig.one()
        let request = rig.arrive(host)
        let id = try rig.connect()
        try rig.write(request)
        try rig.head(request)
        if afterDraining { rig.send(.bodyAbandoned(id, canDrain: true)) }
        rig.send(.bodyAbandoned(id, canDrain: false))
        #expect(rig.closed == [id: .bodyAbandoned])
        #expect(rig.outcomes == [request: .cancelled])
    }

    @Test("A snapshot shows an unread body with its age")
    func rule13AnUnreadBodyIsSeenWithItsAge() throws {
        var (rig, host) = Rig.one { $0.requestTimeout = nil }
        let request = rig.arrive(host)
        try rig.connect()
        try rig.write(request)
        try rig.head(request)
        rig.pass(12)
        let seen = rig.host(host)
        #expect(seen.oldestActiveSeconds == 12)
        #expect(seen.sockets?.first?.state == .readingBody)
        #expect(seen.sockets?.first?.exchangeSeconds == 12)
    }

    @Test("Giving up fails a waiter of an unreachable host and cancels other requests")
    func givingUpFailsAWaiterOfAnUnreachableHostAndCancelsOthers() throws {
        var (rig, host) = Rig.one()
        let requests = (0..<2).map { _ in rig.arrive(host) }
        try rig.refuse()
        rig.send(.requestGivenUp(RequestID(requests[1])))
        #expect(rig.outcomes[requests[1]] == .failed(.connectRefused))
        let other = rig.addHost("b")
        let third = rig.arrive(other)
        rig.send(.requestGivenUp(RequestID(third)))
        #expect(rig.outcomes[third] == .cancelled)
    }
}
