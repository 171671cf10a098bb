import AgentCore
import PoolModel
import Testing

/// Limits on silence: until the response's head, and while its body is read. A whole exchange has none by default.
@Suite struct SilenceTests {
    /// A request whose response's head has come.
    private func reading(_ change: (inout AgentSettings) -> Void = { _ in }) throws -> (Rig, Int, ConnectionID) {
        var (rig, host) = Rig.one(change)
        let request = rig.arrive(host)
        let id = try rig.connect()
        try rig.write(request)
        try rig.head(request)
        return (rig, request, id)
    }

    @Test("By default a response head may take 30 s") func theHead() throws {
        var (rig, host) = Rig.one()
        let request = rig.arrive(host)
        try rig.connect()
        try rig.write(request)
        rig.pass(29.9)
        #expect(rig.outcomes.isEmpty)
        rig.pass(0.2)
        #expect(rig.outcomes[request] == .failed(.firstByteTimeout))
    }

    @Test("A body that keeps arriving may take hours, at the cost of one question per 30 s") func aLongDownload() throws
    {
        var (rig, request, id) = try reading()
        for _ in 0..<72_000 {
            rig.pass(0.1)
            rig.movedAt[id] = rig.now
        }
        #expect(rig.outcomes.isEmpty)
        #expect(rig.silencesMeasured < 300)
        try rig.end(request)
        #expect(rig.outcomes[request] == .succeeded(200))
    }

    @Test("A body without bytes for 30 s fails 30 s after its last byte") func aSilentBody() throws {
        var (rig, request, id) = try reading()
        for _ in 0..<50 {
            rig.pass(1)
            rig.movedAt[id] = rig.now
        }
        rig.pass(29.9)
        #expect(rig.outcomes.isEmpty)
        rig.pass(0.2)
        #expect(rig.outcomes[request] == .failed(.requestTimeout))
        #expect(rig.closed == [id: .requestTimeout])
    }

    @Test("For a body that never begins, inactivity counts from the head") func aBodyThatNeverBegins() throws {
        var (rig, request, _) = try reading { $0.bodySilenceTimeout = .seconds(5) }
        rig.pass(4.9)
        #expect(rig.outcomes.isEmpty)
        rig.pass(0.2)
        #expect(rig.outcomes[request] == .failed(.requestTimeout))
    }

    @Test("The limit of the whole request wins if it ends earlier, for the agent and for a single request")
    func theWholeRequest() throws {
        var (rig, request, id) = try reading { $0.requestTimeout = .seconds(40) }
        for _ in 0..<39 {
            rig.pass(1)
            rig.movedAt[id] = rig.now
        }
        #expect(rig.outcomes.isEmpty)
        rig.pass(1.1)
        #expect(rig.outcomes[request] == .failed(.requestTimeout))

        var (second, host) = Rig.one()
        let own = second.arrive(host, timeout: 3)
        try second.connect()
        try second.write(own)
        try second.head(own)
        second.pass(3.1)
        #expect(second.outcomes[own] == .failed(.requestTimeout))
    }

    @Test("An upload may take long if the server accepts it, and fails otherwise") func anUpload() throws {
        var (rig, host) = Rig.one()
        let request = rig.arrive(host)
        let id = try rig.connect()
        rig.send(.requestWritten(id, bytes: 100, bodyFollows: true))
        for _ in 0..<200 {
            rig.pass(1)
            rig.movedAt[id] = rig.now
        }
        #expect(rig.outcomes.isEmpty)
        rig.pass(30.1)
        #expect(rig.outcomes[request] == .failed(.firstByteTimeout))
    }

    @Test("Without limits on inactivity the shell is asked nothing") func noLimit() throws {
        var (rig, request, _) = try reading {
            $0.firstByteTimeout = nil
            $0.bodySilenceTimeout = nil
        }
        rig.pass(10_000)
        #expect(rig.outcomes.isEmpty && rig.silencesMeasured == 0)
        try rig.end(request)
    }

    @Test("The next exchange on the connection has its own limits") func theNextExchange() throws {
        var (rig, request, id) = try reading()
        rig.pass(20)
        try rig.end(request)
        let next = rig.arrive(HostID(0))
        #expect(rig.connection(of: next) == id)
        try rig.write(next)
        rig.pass(29.9)
        #expect(rig.outcomes[next] == nil)
        try rig.head(next)
        rig.pass(29.9)
        try rig.end(next)
        #expect(rig.outcomes[next] == .succeeded(200))
    }
}
