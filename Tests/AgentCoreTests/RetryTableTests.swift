import AgentCore
import DNSWire
import PoolModel
import Testing

/// BEHAVIOUR §3: whether a request is sent again after its connection died.
@Suite struct RetryTableTests {
    struct Row: CustomStringConvertible {
        var isReused: Bool
        var isWritten: Bool
        var sawByte: Bool
        var isIdempotent: Bool
        var isReplayable: Bool
        var hasBudget: Bool

        var description: String {
            "\(isReused ? "reused" : "fresh"), \(isWritten ? "written" : "nothing written"), "
                + "\(sawByte ? "byte seen" : "no byte"), \(isIdempotent ? "" : "not ")idempotent, "
                + "\(isReplayable ? "" : "not ")replayable, \(hasBudget ? "" : "no ")budget"
        }

        static let all: [Row] = (0..<64).map { bits in
            Row(
                isReused: bits & 1 != 0, isWritten: bits & 2 != 0, sawByte: bits & 4 != 0, isIdempotent: bits & 8 != 0,
                isReplayable: bits & 16 != 0, hasBudget: bits & 32 != 0)
        }

        /// By the rules, budget aside.
        var isDue: Bool {
            guard isReused, !sawByte else { return false }
            return !isWritten || (isIdempotent && isReplayable)
        }

        /// The reason that is to be reported.
        var decision: RetryDecision {
            if !isReused { return .freshConnection }
            if sawByte { return .responseBegun }
            if isWritten, !isIdempotent { return .notIdempotent }
            if isWritten, !isReplayable { return .notReplayable }
            if !hasBudget { return .budget }
            return isWritten ? .repeatable : .unwritten
        }
    }

    /// A rig whose one connection carries the row's request.
    private static func rig(_ row: Row) throws -> (rig: Rig, host: HostID, request: Int, id: ConnectionID) {
        var (rig, host) = Rig.one { $0.retryBudget = 0 }
        if !row.hasBudget { try exhaust(&rig, host) }
        if row.isReused { _ = try rig.idleConnections(at: host) }
        let request = rig.arrive(host, isIdempotent: row.isIdempotent, isReplayable: row.isReplayable)
        if !row.isReused { try rig.connect() }
        let id = try #require(rig.connection(of: request))
        if row.isWritten { try rig.write(request) }
        return (rig, host, request, id)
    }

    /// Uses up the ten retries of this second.
    private static func exhaust(_ rig: inout Rig, _ host: HostID) throws {
        for _ in 0..<10 {
            let id = try rig.idleConnections(at: host)[0]
            let request = rig.arrive(host)
            try rig.write(request)
            rig.peerEnds(id)
            try rig.connect()
            try rig.serve(request, closing: .closeHeaderReceived)
        }
    }

    @Test("Each combination of request and connection follows the retry table", arguments: Row.all) func theTable(
        row: Row
    ) throws {
        var (rig, host, request, id) = try Self.rig(row)
        let before = rig.host(host).metrics.requests
        rig.peerEnds(id, sawByte: row.sawByte)
        let after = rig.host(host).metrics.requests
        let isSentAgain = row.isDue && row.hasBudget
        #expect(rig.outcomes[request] == (isSentAgain ? nil : .failed(.peerClosed)))
        #expect(after.retried - before.retried == (isSentAgain ? 1 : 0))
        #expect(after.retriesRefused - before.retriesRefused == (row.isDue && !row.hasBudget ? 1 : 0))
        #expect(after.retryDecisions.since(before.retryDecisions).nonZero.map(\.key) == [row.decision])
        guard isSentAgain else { return }
        let fresh = try rig.connect()
        #expect(rig.assignments[request] == .init(id: fresh, sendClose: false, isReused: false))
        try rig.serve(request)
    }

    /// They belong to no request, so they are no byte of a response.
    @Test(
        "Bytes that arrive before the request close the connection, and the retry rules apply",
        arguments: [true, false])
    func bytesBeforeTheRequest(isIdempotent: Bool) throws {
        var (rig, host) = Rig.one()
        let id = try rig.idleConnections(at: host)[0]
        let request = rig.arrive(host, isIdempotent: isIdempotent)
        try rig.write(request)
        rig.peerEnds(id, .unsolicited, cause: .framingError)
        #expect(rig.closed == [id: .unsolicitedBytes])
        guard isIdempotent else { return #expect(rig.outcomes[request] == .failed(.framingError)) }
        let fresh = try rig.connect()
        #expect(rig.connection(of: request) == fresh)
        try rig.serve(request)
    }

    /// Never a retry of a retry, whatever the number allowed.
    @Test("A retry is not retried again", arguments: [1, 5]) func aRetryIsNotSentAgain(retries: Int) throws {
        var (rig, host) = Rig.one { $0.retries = retries }
        let idle = try rig.idleConnections(2, at: host)
        let request = rig.arrive(host)
        try rig.write(request)
        rig.peerEnds(idle[1])
        #expect(rig.connection(of: request) == nil, "an idle connection may be as dead")
        let fresh = try rig.connect()
        try rig.write(request)
        rig.peerEnds(fresh)
        #expect(rig.outcomes[request] == .failed(.peerClosed))
        #expect(rig.host(host).metrics.requests.retryDecisions[.alreadyRetried] == 1)
    }

    /// A connection that was opened ahead of need rests; a request takes it, is cancelled, and gives it back while one
    /// that is sent again waits. It may be as dead as the one before.
    @Test("A retry does not use a connection that was idle")
    func aRetryDoesNotTakeAConnectionThatRested() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 3 }
        let first = rig.arrive(host)
        let used = try rig.connect()
        let second = rig.arrive(host)
        try rig.serve(first)
        try rig.serve(second)
        let rested = try rig.connect()
        let lost = rig.arrive(host)
        #expect(rig.connection(of: lost) == rested)
        let dying = rig.arrive(host)
        #expect(rig.connection(of: dying) == used)
        try rig.write(dying)
        rig.peerEnds(used)
        rig.cancel(lost)
        #expect(rig.connection(of: dying) == nil)
        let fresh = try rig.connect()
        #expect(rig.connection(of: dying) == fresh)
        try rig.serve(dying)
    }

    @Test("Nothing is retried if retries are switched off")
    func noRetriesWhereNoneAreAllowed() throws {
        var (rig, host) = Rig.one { $0.retries = 0 }
        let id = try rig.idleConnections(at: host)[0]
        let request = rig.arrive(host)
        try rig.write(request)
        rig.peerEnds(id, .reset, cause: .peerReset)
        #expect(rig.outcomes[request] == .failed(.peerReset))
        #expect(rig.host(host).metrics.requests.retryDecisions[.switchedOff] == 1)
    }

    @Test("A request whose time limit has passed is not retried")
    func noRetryOfARequestWhoseTimeIsOver() throws {
        var (rig, host) = Rig.one()
        let id = try rig.idleConnections(at: host)[0]
        let request = rig.arrive(host, timeout: 1)
        try rig.write(request)
        rig.jump(2)
        rig.peerEnds(id)
        #expect(rig.outcomes[request] == .failed(.peerClosed))
        #expect(rig.host(host).metrics.requests.retryDecisions[.tooLate] == 1)
    }

    @Test("Nothing is retried after the response head")
    func neverAfterTheHead() throws {
        var (rig, host) = Rig.one()
        let id = try rig.idleConnections(at: host)[0]
        let request = rig.arrive(host)
        try rig.write(request)
        try rig.head(request)
        rig.peerEnds(id, sawByte: false, cause: .incompleteBody)
        #expect(rig.outcomes[request] == .failed(.incompleteBody), "whatever the shell says of bytes")
    }

    @Test("A framing error does not cause a retry")
    func aFramingErrorIsNoReasonToSendAgain() throws {
        var (rig, host) = Rig.one()
        let id = try rig.idleConnections(at: host)[0]
        let request = rig.arrive(host)
        try rig.write(request)
        rig.send(.exchangeFailed(id, .framingError, bytesReceived: 3))
        #expect(rig.outcomes[request] == .failed(.framingError))
        #expect(rig.closed == [id: .framingError])
    }

    /// A connection that was opened ahead of need and rested is no safer than one that was used and rested.
    @Test("An idle connection without an exchange counts as reused")
    func aConnectionThatRestedUnusedCountsAsReused() throws {
        var (rig, host) = Rig.one()
        let first = rig.arrive(host)
        try rig.connect()
        let second = rig.arrive(host)
        try rig.serve(first)
        try rig.serve(second)
        let late = try rig.connect()
        #expect(rig.machine.connections[late.slot].phase == .idle)
        let request = rig.arrive(host)
        #expect(rig.connection(of: request) == late)
        try rig.write(request)
        rig.peerEnds(late)
        #expect(rig.outcomes[request] == nil)
        #expect(rig.host(host).metrics.requests.retried == 1)
    }

    /// Two connections die, the older request's first: it stays in front.
    @Test("Retries keep the order of arrival")
    func retriesKeepTheOrderOfArrival() throws {
        var (rig, host) = Rig.one {
            $0.maxSocketsPerHost = 3
            $0.maxDialsPerHost = 1
        }
        let idle = try {
            let requests = (0..<3).map { _ in rig.arrive(host) }
            for _ in requests { try rig.connect() }
            return try requests.map { try rig.serve($0) }
        }()
        let requests = (0..<3).map { _ in rig.arrive(host) }
        for request in requests { try rig.write(request) }
        let waiting = rig.arrive(host)
        for id in [idle[0], idle[2], idle[1]] { rig.peerEnds(id) }
        for request in requests {
            try rig.connect()
            try rig.write(request)
        }
        #expect(rig.connection(of: waiting) == nil)
        try rig.head(requests[0])
        try rig.end(requests[0])
        #expect(rig.connection(of: waiting) != nil)
    }

    /// The slot of a request that is sent again went to another host; the connection that is left is busy for ever with
    /// requests that arrived later. It gives way.
    @Test("A retry is not starved by later requests")
    func aRetryIsNotStarvedByLaterRequests() throws {
        var rig = Rig {
            $0.maxTotalSockets = 2
            $0.failFastWhileBackingOff = false
        }
        let (a, b) = (rig.addHost("a"), rig.addHost("b"))
        _ = try rig.idleConnections(2, at: a)
        var lost = 0
        let other = try {
            rig.arrive(b)
            try rig.refuse()
            let other = rig.arrive(b)
            return other
        }()
        // B waits for its pause to be over; A refills the slot that B had taken.
        let running = rig.arrive(a)
        lost = rig.arrive(a)
        try rig.connect()
        try rig.serve(lost)
        lost = rig.arrive(a)
        let dying = try #require(rig.connection(of: lost))
        try rig.write(lost)
        rig.jump(0.2)
        rig.peerEnds(dying)
        let dial = rig.connects
        #expect(dial.count == 1)
        try rig.connect()
        #expect(rig.connection(of: other) != nil, "it is older")
        var queue = [rig.arrive(a), rig.arrive(a)]
        try rig.serve(running)
        #expect(rig.closed.values.contains(.idleLimitHost))
        try rig.connect()
        try rig.serve(lost)
        while !queue.isEmpty { try rig.serve(queue.removeFirst()) }
    }
}
