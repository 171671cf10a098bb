import Downstream
import Foundation
import KeepAliveAgent
import NIOCore
import Testing

@Suite("Settings and addresses per origin", .timeLimit(.minutes(5)))
struct OriginSettingsTests {
    @Test("An origin can get its own limits and lose them again")
    func settings() async throws {
        try await APIWorld.run([Scenario(name: "plain"), Scenario(name: "other")]) { world in
            let (plain, other) = try (world.fleet.endpoint("plain").url, world.fleet.endpoint("other").url)
            var own = try await world.agent.settings(for: plain)
            #expect(own == APIWorld.patient)
            own.maxSocketsPerHost = 1
            own.keepAlive = .off
            try await world.agent.update(own, for: plain)
            #expect(try await world.agent.settings(for: plain) == own)
            #expect(try await world.agent.settings(for: other) == APIWorld.patient)
            #expect(try await world.agent.settings() == APIWorld.patient)
            let tasks = (0..<3).map { _ in Task { try await world.get("/delay/60s").code } }
            try await world.waitFor("two wait for the one") { $0.totals.requests.queued == 2 }
            own.maxSocketsPerHost = 3
            try await world.agent.update(own, for: plain)
            try await world.waitFor("none waits") { $0.totals.requests.inFlight == 3 }
            for task in tasks { task.cancel() }
            for task in tasks { #expect(await cause { _ = try await task.value } == .cancelled) }
            #expect(try await world.get().isReused == false)
            #expect(try await world.get().isReused == false)
            try await world.agent.update(nil, for: plain)
            #expect(try await world.agent.settings(for: plain) == APIWorld.patient)
            _ = try await world.get()
            #expect(try await world.get().isReused)
        }
    }

    @Test("An invalid origin has no settings")
    func unreadable() async throws {
        let agent = HTTPAgent()
        #expect(await cause { _ = try await agent.settings(for: "gopher://a") } == .invalidRequest)
        #expect(await cause { try await agent.update(nil, for: "a") } == .invalidRequest)
        await agent.shutdown()
    }

    @Test("`http+unix` connects to a socket path and sends localhost")
    func unixSocket() async throws {
        let path = "/tmp/pooltop-\(UUID().uuidString).sock"
        let address = try SocketAddress(unixDomainSocketPath: path)
        let server = try await RawServer.start(at: address) { _ in RawServer.ok() }
        let agent = HTTPAgent(settings: APIWorld.patient)
        let authority = path.replacing("/", with: "%2F")
        let request = HTTPRequest(method: .get, scheme: "http+unix", authority: authority, path: "/x")
        for isReused in [false, true, true] {
            let response = try await agent.execute(request)
            #expect(response.code == 200)
            #expect(response.isReused == isReused)
        }
        #expect(server.received == ["GET /x HTTP/1.1": 3])
        let host = try #require(await agent.snapshot().hosts.first)
        #expect(host.origin == "http+unix://\(authority)")
        #expect(host.name == path)
        for bad in ["", "%2", "%zz", String(repeating: "a", count: 108), "%00"] {
            let request = HTTPRequest(method: .get, scheme: "http+unix", authority: bad, path: "/")
            #expect(await cause { _ = try await agent.execute(request) } == .invalidRequest)
        }
        await agent.shutdown()
        try await server.stop()
    }

    @Test("A fixed address replaces DNS for its origins")
    func fixedAddress() async throws {
        let server = try await RawServer.start { _ in RawServer.ok() }
        let fixed = try #require(AddressOverride("shop.invalid:*:127.0.0.1:\(server.port)"))
        let agent = HTTPAgent(settings: APIWorld.patient, addresses: [fixed])
        let request = HTTPRequest(method: .get, scheme: "http", authority: "SHOP.invalid:81", path: "/")
        #expect(try await agent.execute(request).code == 200)
        #expect(await agent.snapshot().dns.lookups == 0)
        await agent.shutdown()
        try await server.stop()
    }

    @Test(
        "Invalid address overrides are refused",
        arguments: ["", "a", "a:80", "a:80:", "a:0:127.0.0.1", "a:80:b", ":80:127.0.0.1", "a:80:127.0.0.1,", "a:x:::1"])
    func badOverride(text: String) { #expect(AddressOverride(text) == nil) }

    @Test(
        "Valid address overrides are read",
        arguments: ["a:80:127.0.0.1", "*:*:::1", "a:80:[::1]:8080,10.0.0.1:9", "A:443:192.0.2.1,192.0.2.2"])
    func goodOverride(text: String) { #expect(AddressOverride(text) != nil) }
}
