import Downstream
import KeepAliveAgent
import TestSupport
import Testing

@Suite("Limits on silence", .timeLimit(.minutes(5)), .watchesClocks)
struct SilenceLimitTests {
    private func settings(bodySilence: Duration) -> AgentSettings {
        var settings = AgentSettings()
        settings.bodySilenceTimeout = bodySilence
        return settings
    }

    @Test("A stalled body fails, and its connection is closed", arguments: [true, false])
    func aSilentBody(usesOwnSockets: Bool) async throws {
        try await APIWorld.run(settings: settings(bodySilence: .milliseconds(200)), usesOwnSockets: usesOwnSockets) {
            world in
            let response = try await world.get("/slow-body/2/60s")
            #expect(await cause { for try await _ in response.body {} } == .requestTimeout)
            try await world.waitFor("it is closed") { $0.totals.connections.closedByReason[.requestTimeout] == 1 }
        }
    }

    @Test("A body that keeps arriving may take longer than the limit") func aLongBody() async throws {
        try await APIWorld.run(settings: settings(bodySilence: .seconds(2))) { world in
            let response = try await world.get("/slow-body/25/100ms")
            for try await _ in response.body {}
            #expect(try await world.get().isReused)
        }
    }

    @Test("A pause of the reader does not count against the server", arguments: [true, false])
    func aPausedReader(usesOwnSockets: Bool) async throws {
        try await APIWorld.run(settings: settings(bodySilence: .seconds(1)), usesOwnSockets: usesOwnSockets) {
            world in
            let count = 8 << 20
            let response = try await world.get("/bytes/\(count)")
            let begun = try await world.waitFor("64 KiB wait") { _ in response.body.waitingBytes ?? 0 >= 65_536 }
            try await world.waitFor("several limits have passed") { $0.uptimeSeconds > begun.uptimeSeconds + 2.5 }
            var received = 0
            for try await part in response.body { received += part.readableBytes }
            #expect(received == count)
        }
    }

    @Test("A request can have its own limit for the whole exchange") func oneRequest() async throws {
        try await APIWorld.run { world in
            let request = try world.request("/slow-body/100/100ms")
            let response = try await world.agent.execute(
                request, options: AgentRequestOptions(timeout: .seconds(3)))
            #expect(await cause { for try await _ in response.body {} } == .requestTimeout)
        }
    }
}
