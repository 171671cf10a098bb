// The examples of the library's articles, kept compiling and the same as there. `ReadmeExample.swift` has the first one.
import KeepAliveAgent
import NIOSSL

func download(_ path: String, from authority: String, with agent: HTTPAgent) async throws -> Int {
    let request = HTTPRequest(method: .get, scheme: "http", authority: authority, path: path)
    let response = try await agent.execute(request, options: AgentRequestOptions(timeout: .seconds(120)))
    var bytes = 0
    for try await part in response.body {
        bytes += part.readableBytes
    }
    return bytes
}

func upload(_ parts: AsyncStream<ByteBuffer>, to authority: String, with agent: HTTPAgent) async throws -> Bool {
    let request = HTTPRequest(method: .put, scheme: "http", authority: authority, path: "/echo")
    let response = try await agent.execute(request, body: .stream(parts))
    _ = try await response.collect(upTo: 1 << 20)
    return response.status.kind == .successful
}

func status(of request: HTTPRequest, with agent: HTTPAgent) async -> HTTPResponse.Status? {
    do {
        return try await agent.execute(request).status
    } catch {
        switch error.cause {
        case .queueFull, .queueTimeout: print("The pool is too small, or the server too slow:", error)
        case .connectRefused, .connectTimeout, .connectUnreachable: print("The server cannot be reached:", error)
        default: print("No response:", error)
        }
        return nil
    }
}

func agent(trusting certificateAuthority: String) -> HTTPAgent {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.additionalTrustRoots = [.file(certificateAuthority)]
    return HTTPAgent(tls: tls)
}

func shrink(_ agent: HTTPAgent, _ settings: inout AgentSettings) async throws {
    settings.maxSocketsPerHost = max(1, settings.maxSocketsPerHost / 2)
    settings.idleTimeout = .seconds(4)
    await agent.update(settings)
    try await agent.setKeepAlive(.exchanges(100...200), for: "http://catalog.internal:8080")
}

func printRates(of agent: HTTPAgent, every interval: Duration) async throws {
    var before = await agent.snapshot()
    while true {
        try await Task.sleep(for: interval)
        let now = await agent.snapshot()
        let seconds = now.uptimeSeconds - before.uptimeSeconds
        let opened = now.totals.connections.opened - before.totals.connections.opened
        let requests = now.totals.requests.started - before.totals.requests.started
        print(Double(requests) / seconds, "requests/s,", Double(opened) / seconds, "new connections/s,")
        print(now.totals.requests.queued, "waiting,", now.dns.queries, "DNS queries so far")
        before = now
    }
}

func printCloses(of agent: HTTPAgent) async {
    for await activity in agent.events() {
        switch activity {
        case .connectionOpened(let connection): print(connection.origin, "opened", connection.id)
        case .connectionClosed(let connection, let reason): print(connection.origin, "closed:", reason.rawValue)
        case .requestRetried(let connection): print(connection.origin, "sent again on", connection.id)
        }
    }
}

func serve(_ agent: HTTPAgent) async throws {
    let monitor = try await agent.serveMonitor(named: "payments")
    print("pooltop attach", monitor.path)
}
