import Downstream
import KeepAliveAgent
import NIOPosix
import Testing

/// Bundled downstreams, and an agent that asks them.
struct APIWorld {
    let fleet: DownstreamFleet
    let agent: HTTPAgent

    /// No request runs out of time because the machine is busy.
    static let patient: AgentSettings = {
        var settings = AgentSettings()
        settings.requestTimeout = nil
        settings.firstByteTimeout = nil
        settings.bodySilenceTimeout = nil
        return settings
    }()

    /// Runs a test in a world of its own, and takes it down whatever comes.
    static func run(
        _ scenarios: [Scenario] = [Scenario(name: "plain")], settings: AgentSettings = patient,
        tls: TLSConfiguration = .makeClientConfiguration(), maxHosts: Int = 256,
        usesOwnSockets: Bool = TestTransport.usesOwnSockets, _ test: (APIWorld) async throws -> Void
    ) async throws {
        let fleet = try await DownstreamFleet.start(scenarios, seed: 1)
        let dns = try #require(NameServer(fleet.dnsAddress))
        let agent = HTTPAgent(
            settings: settings, tls: tls, nameServers: [dns], maxHosts: maxHosts, group: nil,
            usesOwnSockets: usesOwnSockets)
        do {
            try await test(APIWorld(fleet: fleet, agent: agent))
        } catch {
            await agent.shutdown()
            try await fleet.shutdown()
            throw error
        }
        await agent.shutdown()
        try await fleet.shutdown()
    }

    func request(
        _ path: String = "/", _ method: HTTPRequest.Method = .get, to name: String = "plain", fields: HTTPFields = [:]
    ) throws -> HTTPRequest {
        let url = try fleet.endpoint(name).url
        let separator = try #require(url.firstRange(of: "://"))
        let authority = url[separator.upperBound...].prefix { $0 != "/" }
        return HTTPRequest(
            method: method, scheme: String(url[..<separator.lowerBound]), authority: String(authority), path: path,
            headerFields: fields)
    }

    func get(_ path: String = "/", to name: String = "plain") async throws -> AgentResponse {
        try await agent.execute(try request(path, to: name))
    }

    /// Asks until the snapshot is as it should be; every try is a turn of the agent's loop.
    @discardableResult
    func waitFor(
        _ what: Comment, sockets: Bool = false, _ isMet: (AgentSnapshot) -> Bool
    ) async throws -> AgentSnapshot {
        let deadline = ContinuousClock.now + .seconds(60)
        var snapshot = await agent.snapshot(sockets: sockets)
        while !isMet(snapshot) {
            guard ContinuousClock.now < deadline else {
                Issue.record(what)
                return snapshot
            }
            await Task.yield()
            snapshot = await agent.snapshot(sockets: sockets)
        }
        return snapshot
    }
}

/// The cause that the deed fails with; nil: it succeeds.
func cause(_ deed: () async throws -> Void) async -> FailureCause? { await failure(deed)?.cause }

func failure(_ deed: () async throws -> Void) async -> AgentError? {
    do {
        try await deed()
        return nil
    } catch let error as AgentError {
        return error
    } catch {
        Issue.record("\(error) is no AgentError")
        return nil
    }
}
