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

    @Test("Without a word of the settings, a head may take 30 s") func theHead() throws {
        var (rig, host) = Rig.one()
        let request = rig.arrive(host)
        try rig.connect()
        try rig.write(request)
        rig.pass(29.9)
        #expect(rig.outcomes.isEmpty)
        rig.pass(0.2)
        #expect(rig.outcomes[request] == .failed(.firstByteTimeout))
    }

    @Test("A body that goes on may take hours, at the cost of a question in 30 s") func aLongDownload() throws {
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

    @Test("A body that is silent for 30 s fails 30 s after its last byte") func aSilentBody() throws {
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

    @Test("A body that never begins is silent from its head on") func aBodyThatNeverBegins() throws {
        var (rig, request, _) = try reading { $0.bodySilenceTimeout = .seconds(5) }
        rig.pass(4.9)
        #expect(rig.outcomes.isEmpty)
        rig.pass(0.2)
        #expect(rig.outcomes[request] == .failed(.requestTimeout))
    }

    @Test("The limit of the whole request wins where it is earlier, for the agent and for one request")
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

    @Test("An upload that the server takes may be long; one that it does not take fails") func anUpload() throws {
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

    @Test("No limit on silence, no question") func noLimit() throws {
        var (rig, request, _) = try reading {
            $0.firstByteTimeout = nil
            $0.bodySilenceTimeout = nil
        }
        rig.pass(10_000)
        #expect(rig.outcomes.isEmpty && rig.silencesMeasured == 0)
        try rig.end(request)
    }

    @Test("The next exchange on the connection has limits of its own") func theNextExchange() throws {
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
