import AttachProtocol
import Dashboard
import Downstream
import Foundation
import KeepAliveAgent
import PlainDocuments
import PoolModel
import Synchronization
import TestSupport
import Testing

@testable import Attach

/// A Swift agent that is served to viewers, seen through the socket.
@Suite(.serialized, .watchesClocks) struct MonitorTests {
    /// An agent with two hosts, and a directory for its socket.
    private struct Served {
        let fleet: DownstreamFleet
        let agent: HTTPAgent
        let monitor: AgentMonitor
        let folder: String

        static func run(_ test: (Served) async throws -> Void) async throws {
            let folder = "/tmp/monitor-\(UUID().uuidString.prefix(8))"
            try #require(mkdir(folder, 0o700) == 0)
            let fleet = try await DownstreamFleet.start([Scenario(name: "plain"), Scenario(name: "other")], seed: 1)
            let agent = HTTPAgent(nameServers: [try #require(NameServer(fleet.dnsAddress))])
            let served = Served(
                fleet: fleet, agent: agent,
                monitor: try await agent.serveMonitor(at: folder + "/agent.sock", named: "test"),
                folder: folder)
            var failure: (any Error)?
            do { try await test(served) } catch { failure = error }
            await served.monitor.close()
            await agent.shutdown()
            try await fleet.shutdown()
            #expect(!FileManager.default.fileExists(atPath: folder + "/agent.sock"))
            try FileManager.default.removeItem(atPath: folder)
            if let failure { throw failure }
        }

        func ask(_ name: String, _ count: Int = 1) async throws {
            let url = try fleet.endpoint(name).url
            let authority = try #require(url.split(separator: "/").dropFirst().first)
            for _ in 0..<count {
                let request = HTTPRequest(method: .get, scheme: "http", authority: String(authority), path: "/")
                _ = try await agent.execute(request).collect(upTo: 1 << 20)
            }
        }

        func view(mayChange: Bool) throws -> AttachSession {
            try AttachSession(path: monitor.path, viewer: "test", mayChange: mayChange)
        }
    }

    @Test("A viewer sees what the agent counts, and puts back what it changed when it goes")
    func changes() async throws {
        try await Served.run { served in
            try await served.ask("plain", 5)
            let session = try served.view(mayChange: true)
            #expect(session.hello.name == "test" && session.hello.pid == Int(getpid()))
            var seen = try await session.snapshot(socketsFor: [0])
            let own = await served.agent.snapshot(sockets: true)
            #expect(seen.totals.requests.succeeded == 5 && seen.totals.connections.opened == 1 && seen.keepAlive)
            #expect(seen.hosts.map(\.maxSockets) == own.hosts.map(\.maxSockets))
            #expect(seen.hosts.first?.sockets?.map(\.localPort) == own.hosts.first?.sockets?.map(\.localPort))
            #expect(seen.hosts.first?.sockets?.count == 1)
            #expect(!seen.dnsRecords.isEmpty && seen.dnsRecords.count == own.dnsRecords.count)

            #expect(
                try await session.set("keepAlive", to: .bool(false), host: nil).first?.contains("all hosts") == true)
            #expect(try await session.set("maxSockets", to: .integer(3), host: 0).isEmpty == false)
            await #expect(throws: AttachError.self) { try await session.set("color", to: .integer(3), host: nil) }
            await #expect(throws: AttachError.self) { try await session.set("maxSockets", to: .integer(0), host: nil) }
            await #expect(throws: AttachError.self) { try await session.set("dnsCache", to: .bool(true), host: 0) }
            try await served.ask("plain", 3)
            seen = try await session.snapshot()
            #expect(seen.totals.connections.opened == 4 && !seen.keepAlive && seen.hosts.first?.maxSockets == 3)
            #expect(seen.events.contains { $0.level == .mark })

            let other = try served.view(mayChange: false)
            await #expect(throws: AttachError.self) { try await other.closeIdle(host: nil) }
            try await session.shutdown()
            try await eventually("the settings to be put back") {
                let state = try await other.snapshot()
                return state.keepAlive && state.hosts.first?.maxSockets == AgentSettings().maxSocketsPerHost
            }
            try await other.shutdown()
        }
    }

    @Test("The attached screen is cell for cell the agent's own")
    func screens() async throws {
        try await Served.run { served in
            var (own, attached) = (Model(configuration: Configuration()), Model(configuration: Configuration()))
            var document = AttachedDocument()
            var sent = JSONValue.object([])
            var events: [(sequence: Int, notice: AgentNotice)] = []
            for round in 1...12 {
                try await served.ask(round.isMultiple(of: 3) ? "other" : "plain", 4)
                if round == 6 { try await served.agent.setKeepAlive(.off) }
                let snapshot = await served.agent.snapshot(sockets: true)
                for notice in snapshot.events { events.append((events.count, notice)) }
                let new = try AgentDocument.make(
                    snapshot, events: events.suffix(AttachProtocol.events), socketsFor: Set(snapshot.hosts.map(\.id)))
                let answer = JSONValue.object([
                    "base": .integer(document.base), "patch": document.base == 0 ? new : sent.patch(to: new),
                ])
                sent = new
                // As it comes through the socket.
                let line = try JSONReader.value(of: Array(answer.line.utf8)[...])
                let received = try document.take(line, number: round)
                _ = update(&own, .snapshot(snapshot, utcOffsetSeconds: 0))
                _ = update(&attached, .snapshot(received, utcOffsetSeconds: 0))
            }
            #expect(document.countsThatFell == 0)
            for keys in [[Key.enter], [.character("3")], [.character("1")], [.character("i")]] {
                for key in keys {
                    _ = update(&own, .key(key))
                    _ = update(&attached, .key(key))
                }
                for (width, height) in [(80, 24), (120, 36), (200, 60)] {
                    let frames = [own, attached].map { render($0, width: width, height: height) }
                    #expect(frames[0] == frames[1], "\(keys) at \(width) × \(height)")
                }
            }
            #expect(render(own, width: 120, height: 36).cells.count == 120 * 36)
        }
    }

    @Test("Only a directory that is closed to others takes the socket")
    func places() async throws {
        let agent = HTTPAgent()
        let folder = "/tmp/monitor-\(UUID().uuidString.prefix(8))"
        try #require(mkdir(folder, 0o755) == 0)
        await #expect(throws: AgentMonitorError.self) { try await agent.serveMonitor(at: folder + "/a.sock") }
        await #expect(throws: AgentMonitorError.self) { try await agent.serveMonitor(at: folder + "/none/a.sock") }
        try #require(chmod(folder, 0o700) == 0)
        let monitor = try await agent.serveMonitor(at: folder + "/a.sock")
        var status = stat()
        #expect(lstat(monitor.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        // A socket that goes with its agent, and one that a killed process has left.
        await agent.shutdown()
        #expect(lstat(monitor.path, &status) != 0)
        _ = FileManager.default.createFile(atPath: folder + "/swift-99999999.sock", contents: nil)
        AttachPlaces.removeStale(folder, runtime: "swift")
        #expect(lstat(folder + "/swift-99999999.sock", &status) != 0)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("A service can be closed at any moment while viewers come")
    func closing() async throws {
        let folder = "/tmp/monitor-\(UUID().uuidString.prefix(8))"
        try #require(mkdir(folder, 0o700) == 0)
        let path = folder + "/agent.sock"
        let script = """
            import socket, sys
            for number in range(10000):
                viewer = socket.socket(socket.AF_UNIX)
                try:
                    viewer.connect(sys.argv[1])
                    if number % 3: viewer.recv(10)
                except OSError:
                    pass
                viewer.close()
            print('done')
            """
        let viewers = Task { try await ChildProcess.output(of: "/usr/bin/env", ["python3", "-c", script, path]) }
        let isOver = Mutex(false)
        let end = Task {
            defer { isOver.withLock { $0 = true } }
            return try await viewers.value
        }
        let agent = HTTPAgent()
        var services = 0
        while !isOver.withLock({ $0 }) {
            let monitor = try await agent.serveMonitor(at: path, named: "test")
            if services % 2 == 0 { await Task.yield() } else { try await Task.sleep(for: .milliseconds(2)) }
            await monitor.close()
            services += 1
        }
        #expect(try await end.value == "done\n" && services > 3)
        await agent.shutdown()
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("More viewers than eight are refused in words, and hostile lines end one viewer only")
    func hostile() async throws {
        try await Served.run { served in
            try await served.ask("plain")
            let viewers = try (0..<8).map { _ in try served.view(mayChange: false) }
            #expect(throws: AttachError.self) { try served.view(mayChange: false) }
            for viewer in viewers { #expect(try await viewer.snapshot().totals.requests.succeeded == 1) }
            for viewer in viewers.dropFirst() { try await viewer.shutdown() }
            var noise = SplitMix64(seed: 1)
            for round in 0..<40 {
                let socket = try AttachSocket(path: served.monitor.path)
                let bytes = Self.hostileLine(round, &noise)
                // The agent may have closed it by then.
                try? socket.write(raw: bytes)
            }
            #expect(try await viewers[0].snapshot().totals.requests.succeeded == 1)
            try await viewers[0].shutdown()
        }
    }

    private static func hostileLine(_ round: Int, _ noise: inout SplitMix64) -> [UInt8] {
        let texts = [
            "{\"type\":\"get\",\"id\":9223372036854775807,\"sockets\":[-1,9999999999]}\n",
            "{\"type\":\"set\",\"id\":1}\n",
            "{\"type\":\"unhook\",\"id\":1}\n", "[]\n", "null\n", "{\"type\":1}\n", "{\"type\":\"get\"\n",
            String(repeating: "[", count: 60_000) + "\n", String(repeating: "a", count: 70_000),
        ]
        guard round >= texts.count else { return Array(texts[round].utf8) }
        return (0..<Int.random(in: 1...5000, using: &noise)).map { _ in UInt8.random(in: 0...255, using: &noise) }
    }
}
