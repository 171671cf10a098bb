import DNSWire
import Downstream
import Foundation
import KeepAliveAgent
import NIOCore
import NIOPosix
import PoolModel
import Synchronization
import TestSupport
import Testing

extension LoopbackTests {
    /// A network that becomes another: the files of the system's resolver change, the machine sleeps, and addresses belong
    /// to an interface.
    @Suite struct NetworkChangeTests {
        /// A name that no server has, for an hour.
        private static let absent: ScriptedDNSServer.Script = { asked in
            var response = asked.message.response()
            response.responseCode = .nameError
            let soa = StartOfAuthority(primaryServer: .root, mailbox: .root, minimumSeconds: 3600)
            response.authorities = [.soa(.root, soa, ttlSeconds: 3600)]
            return [.message(response)]
        }

        private func withFiles(_ body: (ResolverFiles) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "resolver-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let files = ResolverFiles(
                resolvConf: folder.appending(path: "resolv.conf").path, hosts: folder.appending(path: "hosts").path)
            do {
                try await body(files)
            } catch {
                try FileManager.default.removeItem(at: folder)
                throw error
            }
            try FileManager.default.removeItem(at: folder)
        }

        private func write(_ text: String, to path: String) throws {
            try Data(text.utf8).write(to: URL(filePath: path))
        }

        private func withAgent(_ files: ResolverFiles, _ body: (Rig) async throws -> Void) async throws {
            let rig = try await Rig(dns: nil, files: files)
            do {
                try await body(rig)
            } catch {
                try await rig.shutdown()
                throw error
            }
            try await rig.shutdown()
        }

        @Test(
            "A name added to the hosts file is found at once although its absence was cached",
            arguments: [false, true])
        func hosts(isLarge: Bool) async throws {
            let server = try await RawServer.start { _ in RawServer.ok() }
            let dns = try await ScriptedDNSServer.start(on: MultiThreadedEventLoopGroup.singleton, Self.absent)
            try await withFiles { files in
                var files = files
                files.servers = [dns.server]
                try await withAgent(files) { [files] rig in
                    try await rig.add("a", .name("moved.test"), port: server.port)
                    #expect(try await rig.get("a") == "dnsNotFound")
                    // A large one is read away from the loop.
                    let padding = isLarge ? (0..<5000).map { "192.0.2.1 blocked\($0).test\n" }.joined() : ""
                    try write(padding + "127.0.0.1 moved.test\n", to: files.hosts)
                    try await eventually("the hosts file is in force") { try await rig.get("a") == "200" }
                    #expect(Set(dns.asked.map { $0.message.questions.first?.type }) == [.a, .aaaa])
                    #expect(dns.asked.count == 2, "its absence was kept, and then the file was asked")
                    let notices = try await rig.snapshot().events.map(\.kind)
                    #expect(notices.contains(.resolverChanged))
                }
            }
            try await dns.stop()
            try await server.stop()
        }

        @Test("New servers and search lists of resolv.conf apply at once, and failures are dropped")
        func resolvConf() async throws {
            let server = try await RawServer.start { _ in RawServer.ok() }
            let dns = try await ScriptedDNSServer.start(on: MultiThreadedEventLoopGroup.singleton) { asked in
                asked.message.questions.first?.name == DomainName("a.home.test")
                    ? [.message(answer(asked, 0x7F00_0001))] : Self.absent(asked)
            }
            try await withFiles { files in
                var files = files
                files.port = dns.server.port
                // Nobody listens there.
                try write("nameserver 127.0.0.9\n", to: files.resolvConf)
                try await withAgent(files) { [files] rig in
                    try await rig.add("a", .name("a"), port: server.port)
                    #expect(try await rig.get("a") == "dnsFailure")
                    try write("nameserver 127.0.0.1\noptions attempts:1\n", to: files.resolvConf)
                    try await eventually("the new server is asked") { try await rig.get("a") == "dnsNotFound" }
                    try write("nameserver 127.0.0.1\nsearch home.test\n", to: files.resolvConf)
                    try await eventually("the search list is in force") { try await rig.get("a") == "200" }
                }
            }
            try await dns.stop()
            try await server.stop()
        }

        @Test("After a suspension idle connections close, and requests continue on new ones")
        func suspension() async throws {
            let slept = Mutex(Nanoseconds(0))
            let server = try await RawServer.start { _ in RawServer.ok() }
            let rig = try await Rig(dns: nil, bootClock: { BootClock.now + slept.withLock { $0 } })
            try await rig.add("a", .addresses([.ip(.loopbackV4, port: server.port)]), port: server.port)
            #expect(try await rig.get("a") == "200")
            try await eventually("the sleep is noticed") {
                // One that is noticed while the connection carries a request does not close it: the answer shows that it lives.
                slept.withLock { $0 += .seconds(3600) }
                #expect(try await rig.get("a") == "200")
                return try await rig.metrics("a").connections.closedByReason[.idleTimeout] == 1
            }
            #expect(try await rig.get("a") == "200")
            let metrics = try await rig.metrics("a")
            // A busy machine may notice another of these sleeps only now, and close the connection of the last answer too.
            #expect(metrics.connections.opened >= 2 && metrics.requests.failed == 0)
            #expect((0...1).contains(metrics.connections.opened - metrics.connections.closed))
            try await rig.shutdown()
            try await server.stop()
        }

        @Test("An inactive agent detects a suspension when it is queried")
        func suspensionAtRest() async throws {
            let slept = Mutex(Nanoseconds(0))
            let server = try await RawServer.start { _ in RawServer.ok() }
            let rig = try await Rig(dns: nil, bootClock: { BootClock.now + slept.withLock { $0 } })
            try await rig.add("a", .addresses([.ip(.loopbackV4, port: server.port)]), port: server.port)
            #expect(try await rig.get("a") == "200")
            slept.withLock { $0 = .seconds(6) }
            try await eventually("nothing is idle") { try await rig.metrics("a").connections.idle == 0 }
            try await eventually("the server sees it") { server.closed == 1 }
            try await rig.shutdown()
            try await server.stop()
        }

        @Test("A name under .onion fails at once with the reason, and is never sent to a server")
        func onionsStayHere() async throws {
            let dns = try await ScriptedDNSServer.start(on: MultiThreadedEventLoopGroup.singleton) { asked in
                [.message(answer(asked, 0x7F00_0001))]
            }
            let rig = try await Rig(dns: dns.server.description)
            try await rig.add("a", .name("expyuzz4wqqyqhjn.onion"), port: 80)
            let outcome = try await rig.send(Ask("a"))
            guard case .failed(let error) = outcome else {
                Issue.record("it failed, and did not: \(outcome)")
                return
            }
            #expect(error.cause == .dnsNotFound)
            #expect(error.detail == "A name under .onion is never asked of a DNS server (RFC 7686).")
            #expect(dns.asked.isEmpty)
            try await rig.shutdown()
            try await dns.stop()
        }

        // MARK: Addresses of one link

        @Test(
            "An address with a zone can be a target, and its connection shows it",
            .enabled(if: LinkLocal.address != nil, "no interface has a link-local address"))
        func aScopedTarget() async throws {
            let address = try #require(LinkLocal.address)
            let server = try await RawServer.start(at: try SocketAddress(address, port: 0)) { _ in RawServer.ok() }
            for usesOwnSockets in [true, false] {
                let rig = try await Rig(dns: nil, usesOwnSockets: usesOwnSockets)
                try await rig.add("six", .addresses([.ip(address, port: server.port)]), port: server.port)
                #expect(try await rig.get("six") == "200")
                #expect(
                    try await rig.snapshot().hosts[0].addresses.map(\.address) == ["[\(address)]:\(server.port)"])
                let nowhere = try #require(LinkLocal.nowhere(address))
                try await rig.add("no", .addresses([.ip(nowhere, port: server.port)]), port: server.port)
                #expect(try await rig.get("no") == "connectUnreachable")
                try await rig.shutdown()
            }
            try await server.stop()
        }

        @Test(
            "A link-local name server is queried over UDP and TCP, and its answers are accepted",
            .enabled(if: LinkLocal.address != nil, "no interface has a link-local address"))
        func aScopedNameServer() async throws {
            let address = try #require(LinkLocal.address)
            let group = MultiThreadedEventLoopGroup.singleton
            let script: ScriptedDNSServer.Script = { asked in
                var message = answer(asked, 0x7F00_0001)
                message.isTruncated = !asked.isStream
                return [.message(message)]
            }
            let server = try await ScriptedDNSServer.start(on: group, at: address, script)
            var configuration = ResolverConfiguration()
            configuration.servers = [server.server]
            configuration.queriesIPv6 = false
            let resolver = try await ResolverOnLoop(group.next(), configuration)
            #expect(await resolver.resolve("a.test") == one(0x7F00_0001))
            #expect(server.asked.map(\.isStream) == [false, true])
            let nowhere = try #require(LinkLocal.nowhere(address))
            configuration.servers = [DNSServerAddress(address: nowhere, port: server.server.port)]
            let lost = try await ResolverOnLoop(group.next(), configuration)
            #expect(await lost.resolve("a.test") == .serverFailure)
            await lost.close()
            await resolver.close()
            try await server.stop()
        }
    }
}
