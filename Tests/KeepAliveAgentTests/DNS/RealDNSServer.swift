import DNSWire
import Foundation
import NIOCore
import NIOPosix
import TestSupport

/// A real DNS server, started as a child on a loopback port that was free a moment ago.
struct RealDNSServer {
    enum Kind: String {
        case dnsmasq
        case unbound

        /// Where the program is; nil where it is not installed.
        var path: String? {
            ["/usr/sbin", "/usr/bin", "/sbin", "/usr/local/sbin"].map { "\($0)/\(rawValue)" }
                .first { FileManager.default.isExecutableFile(atPath: $0) }
        }
    }

    struct NotAnswering: Error {}

    let server: DNSServerAddress
    private let process: ChildProcess
    private let directory: URL

    /// Starts the server, waits until it answers, and stops it after `body`.
    static func with(
        _ kind: Kind, _ body: @Sendable (ResolverOnLoop) async throws -> Void
    ) async throws {
        // Another process may take the port in between; then there is no answer, and the next port is tried.
        for _ in 0..<3 {
            let running = try await start(kind)
            var configuration = ResolverConfiguration()
            configuration.servers = [running.server]
            let resolver = try await ResolverOnLoop(MultiThreadedEventLoopGroup.singleton.next(), configuration)
            let answers = await running.answers(resolver)
            var failure: (any Error)?
            if answers {
                do { try await body(resolver) } catch { failure = error }
            }
            await resolver.close()
            await running.stop()
            if let failure { throw failure }
            if answers { return }
        }
        throw NotAnswering()
    }

    /// Asks until there is an answer: a refused query comes back at once, so each round yields in between.
    private func answers(_ resolver: ResolverOnLoop) async -> Bool {
        let end = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < end {
            if case .addresses = await resolver.resolve("www.test", milliseconds: 200) { return true }
            await Task.yield()
        }
        return false
    }

    private func stop() async {
        await process.end()
        do { try FileManager.default.removeItem(at: directory) } catch { print("left behind: \(directory.path)") }
    }

    private static func start(_ kind: Kind) async throws -> RealDNSServer {
        let port = try await freePort()
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "pooltop-dns-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appendingPathComponent("server.conf")
        let arguments: [String]
        switch kind {
        case .dnsmasq:
            try Data(dnsmasq(port).utf8).write(to: file)
            arguments = ["--keep-in-foreground", "--conf-file=\(file.path)"]
        case .unbound:
            try Data(unbound(port, directory.path).utf8).write(to: file)
            arguments = ["-d", "-c", file.path]
        }
        let process = try ChildProcess(kind.path ?? kind.rawValue, arguments)
        let server = DNSServerAddress(address: .loopbackV4, port: port)
        return RealDNSServer(server: server, process: process, directory: directory)
    }

    private static func freePort() async throws -> UInt16 {
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return UInt16(port)
    }

    private static func dnsmasq(_ port: UInt16) -> String {
        """
        port=\(port)
        listen-address=127.0.0.1
        bind-interfaces
        no-resolv
        no-hosts
        no-poll
        pid-file=
        local=/test/
        local-ttl=42
        host-record=www.test,192.0.2.1,2001:db8::1
        host-record=four.test,192.0.2.4
        cname=alias.test,four.test
        """
    }

    private static func unbound(_ port: UInt16, _ directory: String) -> String {
        let many = (0..<200).map { "local-data: \"many.test. 30 IN A 10.0.0.\($0)\"" }.joined(separator: "\n")
        return """
            server:
            interface: 127.0.0.1
            port: \(port)
            do-daemonize: no
            use-syslog: no
            username: ""
            chroot: ""
            directory: "\(directory)"
            pidfile: ""
            module-config: "iterator"
            local-zone: "test." static
            local-data: "test. 77 IN SOA ns.test. root.test. 1 3600 600 86400 55"
            local-data: "www.test. 42 IN A 192.0.2.1"
            local-data: "www.test. 41 IN AAAA 2001:db8::1"
            local-data: "four.test. 42 IN A 192.0.2.4"
            local-zone: "refused." refuse
            \(many)
            remote-control:
            control-enable: no
            """
    }
}
