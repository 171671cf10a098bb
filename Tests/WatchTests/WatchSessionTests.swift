import DNSWire
import Glibc
import PoolModel
import TestSupport
import Testing
import WatchCore

@testable import Watch

/// The whole way from the kernel to a snapshot, with programs of other makers, against what a server counted.
@Suite(.serialized, .watchesClocks) struct WatchSessionTests {
    /// Other tests of this process have many hosts of their own.
    private func session(_ change: (inout WatchSettings) -> Void = { _ in }) throws -> WatchSession {
        var settings = WatchSettings()
        settings.maxHosts = 20_000
        change(&settings)
        return try WatchSession.make(settings)
    }

    /// The first dump has been made: what happens from now on counts.
    private func begin(_ session: WatchSession) async throws {
        try await eventually("the first dump") { try await session.snapshot().source?.kernel != nil }
    }

    private func host(_ port: Int, of session: WatchSession) async throws -> HostSnapshot? {
        try await session.snapshot().hosts.first { $0.name == "127.0.0.1:\(port)" }
    }

    /// The host once all its connections are closed.
    private func finished(_ port: Int, of session: WatchSession, opened: Int) async throws -> HostSnapshot {
        try await eventually("\(opened) closed connections") {
            try await host(port, of: session)?.metrics.connections.closed ?? 0 >= opened
        }
        return try #require(await host(port, of: session))
    }

    @Test(
        "Connections of another program are counted exactly, and its requests to two percent",
        arguments: Client.allCases.flatMap { client in
            [(client, true, 200), (client, false, 200), (client, false, 1000)]
        })
    func counts(client: Client, isReusing: Bool, perSecond: Int) async throws {
        guard Client.has(client == .node ? "node" : "python3") else { return }
        let server = try CountingServer()
        let session = try session()
        try await begin(session)
        let count = perSecond * 3 / 2
        try await client.run(port: server.port, isReusing: isReusing, perSecond: perSecond, count: count)
        let truth = server.counts
        #expect(truth.requests == count && (isReusing ? truth.accepted < count / 2 : truth.accepted == count))
        // A watch that gets no processor in time says that messages were lost, and counts no hosts exactly then.
        if try await session.snapshot().source?.notes.contains(where: { $0.label == .messagesLost }) == true {
            await session.shutdown()
            return server.stop()
        }
        let host = try await finished(server.port, of: session, opened: truth.accepted)
        #expect(host.metrics.connections.opened == truth.accepted)
        #expect(host.metrics.connections.closed == truth.accepted)
        #expect(abs(host.metrics.requests.succeeded - count) <= count / 50)
        await session.shutdown()
        server.stop()
    }

    @Test("A server that gives up idle connections is named as the one that closes, with their age")
    func idleLimit() async throws {
        guard Client.has("python3") else { return }
        let server = try CountingServer(idleSeconds: 1)
        let session = try session()
        try await begin(session)
        let script = """
            import socket, sys, time
            for round in range(4):
                connection = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
                connection.sendall(b'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')
                connection.recv(4096)
                answered = time.monotonic()
                connection.recv(4096)
                connection.close()
                print(time.monotonic() - answered)
            """
        let said = try await ChildProcess.output(of: "/usr/bin/env", ["python3", "-c", script, "\(server.port)"])
        // On a busy machine both ends are late: the kernel's last word on a connection is when the client closes it.
        let truth = said.split(separator: "\n").compactMap { Double($0) }
        #expect(truth.count == 4 && server.counts.accepted == 4)
        let host = try await finished(server.port, of: session, opened: 4)
        #expect(host.metrics.connections.closedByReason[.peerClosedIdle] == 4)
        let age = try #require(host.kernel?.idleAgeAtDeathSeconds)
        #expect(age > 0.9 && age < (truth.max() ?? 0) + 0.1, "\(age) of \(truth)")
        #expect(host.kernel?.deaths == 4)
        await session.shutdown()
        server.stop()
    }

    @Test("Root tells the connections of two processes to one server apart exactly", .enabled(if: geteuid() == 0))
    func twoProcesses() async throws {
        guard Client.has("node") else { return }
        let server = try CountingServer()
        let session = try session()
        try await begin(session)
        guard try await session.snapshot().source?.notes.contains(where: { $0.label == .traced }) == true else {
            return
        }
        async let many: Void = Client.node.run(port: server.port, isReusing: false, perSecond: 150, count: 225)
        async let few: Void = Client.node.run(port: server.port, isReusing: false, perSecond: 50, count: 75)
        _ = try await (many, few)
        _ = try await finished(server.port, of: session, opened: 300)
        let rows = try #require(await session.snapshot().source?.processes)
        let mine = rows.filter { $0.command.contains(" \(server.port) ") && $0.command.contains("node") }
        #expect(mine.map(\.opened).sorted() == [75, 225])
        await session.shutdown()
        server.stop()
    }

    @Test("Each process of a loop of curl counts, however short it lives")
    func curl() async throws {
        guard Client.has("curl") else { return }
        let server = try CountingServer()
        let session = try session()
        try await begin(session)
        let loop = "for i in $(seq 40); do curl -s http://127.0.0.1:\(server.port)/; done"
        _ = try await ChildProcess.output(of: "/bin/sh", ["-c", loop])
        #expect(server.counts == CountingServer.Counts(accepted: 40, requests: 40))
        let host = try await finished(server.port, of: session, opened: 40)
        #expect(host.metrics.connections.opened == 40 && host.metrics.requests.succeeded == 40)
        await session.shutdown()
        server.stop()
    }

    @Test("A process that does not exist is refused in one line")
    func noProcess() {
        #expect(throws: WatchError("no process 4194305")) {
            try session { $0.scope = .processes([4_194_305]) }
        }
    }

    @Test("A session that was shut down makes no more snapshots, and says so")
    func shutDown() async throws {
        let session = try session()
        try await begin(session)
        await session.shutdown()
        await #expect(throws: WatchError("watching has ended")) { try await session.snapshot() }
        await session.shutdown()
    }

    @Test("Names of addresses that are learnt later are shown")
    func names() async throws {
        let server = try CountingServer()
        let session = try session()
        try await begin(session)
        session.learn(names: [
            Endpoint(address: IPAddress(ipv4: 0x7f00_0001), port: UInt16(server.port)): "payments"
        ])
        let curl = Client.has("curl")
        guard curl else { return }
        _ = try await ChildProcess.output(of: "/usr/bin/env", ["curl", "-s", "http://127.0.0.1:\(server.port)/"])
        try await eventually("a host with the name") {
            try await session.snapshot().hosts.contains { $0.name.contains("payments") }
        }
        await session.shutdown()
        server.stop()
    }

    /// Waits for a signal, and then opens twenty connections in a network of its own.
    private static let secluded = """
        import fcntl, signal, socket, struct, time
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        with socket.socket() as s: fcntl.ioctl(s, 0x8914, struct.pack('16sH14x', b'lo', 0x41))
        listener = socket.create_server(('127.0.0.1', 8080))
        signal.sigwait({signal.SIGUSR1})
        for number in range(20):
            client = socket.create_connection(('127.0.0.1', 8080))
            accepted, _ = listener.accept()
            client.close()
            accepted.close()
        time.sleep(60)
        """

    @Test("Root enters the network namespace of a process, and counts what happens there only")
    func namespace() async throws {
        guard Self.mayTrace, Client.has("python3"), Client.has("unshare") else { return }
        let marker = "secluded-\(getpid())"
        let child = try ChildProcess("/usr/bin/env", ["unshare", "-n", "python3", "-c", Self.secluded, marker])
        let proc = try ProcFiles()
        let own = proc.networkNamespace(of: "self")
        var pid = 0
        try await eventually("the process in its own network") {
            pid = proc.processes().first { $0.command.hasSuffix(marker) }?.pid ?? 0
            return pid > 0 && proc.networkNamespace(of: "\(pid)") != own
                && SocketTable.sockets(proc.read("\(pid)/net/tcp") ?? []).contains { $0.state == .listen }
        }
        let session = try WatchSession.make(WatchSettings(), namespaceOf: pid)
        try await begin(session)
        kill(pid_t(pid), SIGUSR1)
        let host = try await finished(8080, of: session, opened: 20)
        #expect(host.metrics.connections.opened == 20)
        #expect(try await session.snapshot().hosts.map(\.name) == ["127.0.0.1:8080"])
        await session.shutdown()
        await child.end()
    }

    private static let instances = "/sys/kernel/tracing/instances"
    private static var mayTrace: Bool { geteuid() == 0 && access(instances, W_OK) == 0 }

    @Test("The trace instance goes with its session, and the leftover of a dead process with the next start")
    func traceInstance() async throws {
        guard Self.mayTrace else { return }
        // No process has a number beyond the kernel's limit.
        let leftover = "\(Self.instances)/pooltop-4194305"
        mkdir(leftover, 0o700)
        let own = "\(Self.instances)/pooltop-\(getpid())"
        let session = try WatchSession.make(WatchSettings())
        #expect(access(own, F_OK) == 0 && access(leftover, F_OK) != 0)
        await session.shutdown()
        #expect(access(own, F_OK) != 0)
        let forbidden = try WatchSession.make(WatchSettings(), useTrace: false)
        #expect(access(own, F_OK) != 0)
        await forbidden.shutdown()
    }
}
