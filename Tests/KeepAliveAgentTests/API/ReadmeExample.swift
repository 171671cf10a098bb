// The README's example, kept compiling, running and the same as there. It needs no other import.
import KeepAliveAgent

func fetchThreeTimes(from authority: String) async throws {
    var settings = AgentSettings()
    settings.maxSocketsPerHost = 16  // matches http.Agent's maxSockets
    let agent = HTTPAgent(settings: settings)
    try await agent.serveMonitor()  // pooltop attach shows it

    let request = HTTPRequest(method: .get, scheme: "http", authority: authority, path: "/")
    for _ in 1...3 {
        let response = try await agent.execute(request)
        let body = try await response.collect(upTo: 1 << 20)
        print(response.status, body.readableBytes, "bytes, reused:", response.isReused)
    }

    let totals = await agent.snapshot().totals
    print("connections:", totals.connections.opened, "reuse:", totals.requests.reuseRatio ?? 0)
    await agent.close()
}
