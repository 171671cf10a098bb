import Downstream
import KeepAliveAgent
import NIOSSL
import Testing

@Suite("Failures and labels", .timeLimit(.minutes(5)))
struct FailureTests {
    @Test(
        "The error's label names the cause",
        arguments: [
            ("http://127.0.0.1:1", "/", FailureCause.connectRefused),
            ("http://nowhere.pooltop.test", "/", .dnsNotFound),
            ("plain", "/delay/60s", .requestTimeout),
            ("plain", "/drop", .peerClosed),
            ("plain", "/reset", .peerReset),
            ("plain", "/drop/midway", .incompleteBody),
        ])
    func labels(target: String, path: String, expected: FailureCause) async throws {
        try await APIWorld.run { world in
            var request = try world.request(path)
            if target != "plain" { request.authority = String(target.dropFirst("http://".count)) }
            let options = AgentRequestOptions(timeout: expected == .requestTimeout ? .milliseconds(50) : nil)
            let failure = await cause {
                _ = try await world.agent.execute(request, options: options).collect(upTo: 1024)
            }
            #expect(failure == expected)
            #expect(await world.agent.snapshot().totals.errors[expected] == 1)
        }
    }

    @Test("An error for a full queue includes the host's counts")
    func queueFull() async throws {
        var settings = AgentSettings()
        settings.maxSocketsPerHost = 1
        settings.queueLimit = 1
        try await APIWorld.run(settings: settings) { world in
            let tasks = (0..<2).map { _ in Task { try await world.get("/delay/60s") } }
            try await world.waitFor("one is under way, one waits") {
                $0.totals.requests.inFlight == 1 && $0.totals.requests.queued == 1
                    && $0.totals.connections.connecting == 0
            }
            do {
                _ = try await world.get()
                Issue.record("the queue has room for one")
            } catch let error as AgentError {
                #expect(error.cause == .queueFull)
                #expect(error.detail == nil)
                let words = "after 0 ms in phase queued (active 1, idle 0, connecting 0, waiting 1)"
                #expect("\(error)" == "queueFull for \(error.origin ?? "-") \(words)")
            }
            for task in tasks { task.cancel() }
        }
    }

    @Test(
        "An invalid request is not sent",
        arguments: [
            HTTPRequest(method: .get, scheme: nil, authority: "a.test", path: "/"),
            HTTPRequest(method: .get, scheme: "ftp", authority: "a.test", path: "/"),
            HTTPRequest(method: .get, scheme: "http", authority: nil, path: "/"),
            HTTPRequest(method: .get, scheme: "http", authority: "", path: "/"),
            HTTPRequest(method: .get, scheme: "http", authority: ":80", path: "/"),
            HTTPRequest(method: .get, scheme: "http", authority: "user@a.test", path: "/"),
            HTTPRequest(method: .get, scheme: "http", authority: "a b.test", path: "/"),
            HTTPRequest(method: .get, scheme: "http", authority: "a.test:0", path: "/"),
            HTTPRequest(method: .get, scheme: "http", authority: "a.test:65536", path: "/"),
            HTTPRequest(method: .get, scheme: "http", authority: "a.test:8o", path: "/"),
            HTTPRequest(method: .get, scheme: "http", authority: "a.test", path: "/ HTTP/1.1 "),
            HTTPRequest(method: .get, scheme: "http", authority: "a.test", path: "relative"),
            HTTPRequest(method: .connect, scheme: "http", authority: "a.test:80", path: "a.test:80"),
            HTTPRequest(
                method: .get, scheme: "http", authority: "a.test", path: "/", headerFields: [.contentLength: "3"]),
            HTTPRequest(
                method: .get, scheme: "http", authority: "a.test", path: "/", headerFields: [.connection: "close"]),
        ])
    func refused(request: HTTPRequest) async throws {
        let agent = HTTPAgent()
        do {
            _ = try await agent.execute(request)
            Issue.record("it was sent")
        } catch {
            #expect(error.cause == .invalidRequest)
            #expect(error.detail?.hasSuffix(".") == true)
        }
        #expect(await agent.snapshot().hosts.isEmpty)
        await agent.shutdown()
    }

    @Test("Different spellings of an origin share a pool, and one origin too many evicts another")
    func origins() async throws {
        try await APIWorld.run(maxHosts: 1) { world in
            var request = try world.request()
            _ = try await world.agent.execute(request)
            request.authority = request.authority?.uppercased()
            #expect(try await world.agent.execute(request).isReused)
            request.authority = "127.0.0.1:1"
            #expect(await cause { _ = try await world.agent.execute(request) } == .connectRefused)
            let snapshot = await world.agent.snapshot()
            #expect(snapshot.hosts.map(\.id) == [1])
            #expect(snapshot.totals.requests.started == 3 && snapshot.totals.requests.succeeded == 2)
            #expect(snapshot.totals.connections.closedByReason[.evictedForOtherHost] == 1)
            #expect(try await world.get().isReused == false)
        }
    }

    @Test(
        "Certificates are checked for their authority and for the name",
        arguments: [
            (true, "secure.pooltop.test", FailureCause?.none),
            (false, "secure.pooltop.test", .tlsCertificateInvalid),
            (true, "not.secure.pooltop.test", .tlsCertificateInvalid),
        ])
    func tls(isTrusted: Bool, name: String, expected: FailureCause?) async throws {
        var scenario = Scenario(name: "secure", hostName: name)
        scenario.scheme = .https
        var tls = TLSConfiguration.makeClientConfiguration()
        if isTrusted {
            let authority = try NIOSSLCertificate.fromPEMBytes(Array(DemoAuthority.certificatePEM.utf8))
            tls.additionalTrustRoots = [.certificates(authority)]
        }
        try await APIWorld.run([scenario], tls: tls) { world in
            let failure = await cause {
                _ = try await world.get("/bytes/300000", to: "secure").collect(upTo: 300_000)
                #expect(try await world.get(to: "secure").isReused)
            }
            #expect(failure == expected)
            if expected == nil { #expect(await world.agent.snapshot().totals.tls.handshakes == 1) }
        }
    }
}
