import Downstream
import KeepAliveAgent
import TestSupport
import Testing

@Suite("The lifetime of an agent", .timeLimit(.minutes(5)))
struct AgentLifeTests {
    @Test("`close` lets requests finish, and then accepts no more")
    func drain() async throws {
        var settings = AgentSettings()
        settings.maxSocketsPerHost = 2
        try await APIWorld.run(settings: settings) { world in
            let tasks = (0..<5).map { _ in Task { try await world.get("/delay/30ms") } }
            try await world.waitFor("all are there") { $0.totals.requests.started == 5 }
            await world.agent.close()
            for task in tasks { #expect(try await task.value.code == 200) }
            #expect(await cause { _ = try await world.get() } == .shutdown)
            #expect(await world.agent.snapshot().totals.connections.open == 0)
            await world.agent.close()
        }
    }

    @Test("`shutdown` fails each request once, including queued ones and bodies")
    func shutdown() async throws {
        var settings = AgentSettings()
        settings.maxSocketsPerHost = 8
        try await APIWorld.run(settings: settings) { world in
            let body = try await world.get("/slow-body/2/60s").body
            let tasks = (0..<50).map { _ in Task { try await world.get("/delay/60s") } }
            try await world.waitFor("all are there") { $0.totals.requests.started == 51 }
            await world.agent.shutdown()
            for task in tasks { #expect(await cause { _ = try await task.value } == .shutdown) }
            #expect(await cause { _ = try await body.collect(upTo: 1024) } == .shutdown)
            let totals = await world.agent.snapshot().totals
            #expect(totals.errors[.shutdown] == 51)
            #expect(totals.connections.open == 0)
        }
    }

    @Test("A released agent closes its connections, but not while a body is being read")
    func dropped() async throws {
        let fleet = try await DownstreamFleet.start([Scenario(name: "plain")], seed: 1)
        let address = try fleet.endpoint("plain").address
        func ask(_ path: String) async throws -> AgentResponse {
            try await HTTPAgent().execute(
                HTTPRequest(method: .get, scheme: "http", authority: address, path: path))
        }
        #expect(try await ask("/bytes/1000000").collect(upTo: 1_000_000).readableBytes == 1_000_000)
        try await eventually("the server sees it close") { try await fleet.stats("plain").open == 0 }
        try await fleet.shutdown()
    }

    @Test("Raising a limit lets waiting requests continue")
    func update() async throws {
        var settings = AgentSettings()
        settings.maxSocketsPerHost = 1
        try await APIWorld.run(settings: settings) { world in
            let tasks = (0..<4).map { _ in Task { try await world.get("/delay/60s") } }
            try await world.waitFor("three wait") { $0.totals.requests.queued == 3 }
            settings.maxSocketsPerHost = 4
            await world.agent.update(settings)
            try await world.waitFor("none waits") { $0.totals.requests.inFlight == 4 }
            for task in tasks { task.cancel() }
        }
    }

    @Test("The agent's counts equal the server's")
    func books() async throws {
        try await APIWorld.run { world in
            let paths = ["/", "/bytes/100000", "/chunked/5000", "/status/503", "/close", "/interim/2"]
            try await withThrowingTaskGroup { group in
                for index in 0..<240 {
                    group.addTask {
                        _ = try await world.get(paths[index % paths.count]).collect(upTo: 200_000)
                    }
                }
                try await group.waitForAll()
            }
            // A dial may outlive the requests that asked for it; its connection is in neither's books until it is done.
            let totals = try await world.waitFor("no dial is left") { $0.totals.connections.connecting == 0 }.totals
            try await eventually("the server has accepted all") {
                try await world.fleet.stats("plain").accepted >= totals.connections.opened
            }
            let stats = try await world.fleet.stats("plain")
            #expect(totals.requests.succeeded == 240)
            #expect(totals.requests.onNewConnection + totals.requests.onReusedConnection == stats.requests)
            #expect(totals.connections.opened == stats.accepted)
            #expect(totals.statuses[503] == stats.statuses["503"])
            // The server leaves out a connection that only asks for its counts. The last one used is used next, and after
            // this request it is one that was used for more.
            _ = try await world.get("/").collect(upTo: 65_536)
            let told = try await world.get("/_stats").collect(upTo: 65_536)
            #expect(String(buffer: told).contains("\"accepted\":\(totals.connections.opened),"))
        }
    }

    @Test("Connections are reported with the reason for closing, until the agent stops")
    func events() async throws {
        try await APIWorld.run { world in
            let events = world.agent.events()
            _ = try await world.get()
            _ = try await world.get("/close")
            _ = try await world.get()
            await world.agent.close()
            var opened: [AgentConnection] = []
            var reasons: [CloseReason] = []
            for await event in events {
                switch event {
                case .connectionOpened(let connection): opened.append(connection)
                case .connectionClosed(let connection, let reason):
                    #expect(opened.contains(connection))
                    reasons.append(reason)
                case .requestRetried: Issue.record("nothing was retried")
                }
            }
            #expect(opened.count == 2)
            #expect(reasons == [.closeHeaderReceived, .drain])
            let url = try world.fleet.endpoint("plain").url
            #expect(opened.allSatisfy { url.hasPrefix($0.origin) })
            for await _ in world.agent.events() { Issue.record("the agent has stopped") }
        }
    }
}
