import AgentCore
import DNSWire
import Downstream
import Foundation
import KeepAliveAgent
import NIOCore
import NIOPosix
import PoolModel
import Testing
import Traffic

extension LoopbackTests {
    /// Targets that cannot be reached are a result with its own label. Targets that are unusual are reached.
    @Suite struct DeadTargetTests {
        private func withAgent(
            dns: String? = nil, _ change: @escaping @Sendable (inout AgentSettings) -> Void = { _ in },
            _ body: (Rig) async throws -> Void
        ) async throws {
            let rig = try await Rig(dns: dns, change)
            do {
                try await body(rig)
                let books = try await rig.on { bench in
                    var books = BookCheck()
                    books.check(bench.snapshot())
                    return books
                }
                #expect(books.complaints == [])
            } catch {
                try await rig.shutdown()
                throw error
            }
            try await rig.shutdown()
        }

        /// A port that nobody listens on.
        private func closedPort() async throws -> Int {
            let server = try await RawServer.start { _ in RawServer.ok() }
            try await server.stop()
            return server.port
        }

        @Test("A refusing port is reported as connectRefused")
        func aRefusingPortIsConnectRefused() async throws {
            let port = try await closedPort()
            try await withAgent { rig in
                try await rig.add("dead", .addresses([.ip(.loopbackV4, port: port)]), port: port)
                #expect(try await rig.get("dead") == "connectRefused")
                try await rig.load([(Ask("dead"), 1)], .closedLoop(4), requests: 12)
                let metrics = try await rig.metrics("dead")
                #expect(metrics.failures == [.connectRefused: 13] && metrics.connections.opened == 0)
                #expect(metrics.requests.onNewConnection == 0)
            }
        }

        /// All of a name's addresses are tried before the dial fails; one that works is found behind one that does not.
        @Test("A working address is found after a dead one")
        func aWorkingAddressIsFoundBehindADeadOne() async throws {
            try await withRig([.plain { $0.addresses = ["127.0.0.2"] }]) { rig, fleet in
                let endpoint = try fleet.endpoint("plain")
                let addresses = ["127.0.0.3", "127.0.0.2"].compactMap { IPAddress($0) }
                try await rig.add(
                    "two", .addresses(addresses.map { .ip($0, port: endpoint.port) }), port: endpoint.port)
                for _ in 0..<3 { #expect(try await rig.get("two") == "200") }
                let snapshot = try await rig.snapshot()
                #expect(snapshot.hosts[1].addresses.map(\.isSuspect) == [true, false])
                #expect(snapshot.host("two").connections.opened == 1)
            }
        }

        /// The loop is held up for longer than an address may take. The connection is there when it looks again.
        @Test("A blocked loop does not cause a second connect attempt")
        func aLoopThatWasHeldUpMakesNoSecondAttempt() async throws {
            try await withRig([.plain { $0.addresses = ["127.0.0.1", "127.0.0.2"] }]) { rig, fleet in
                let endpoint = try fleet.endpoint("plain")
                let addresses = ["127.0.0.1", "127.0.0.2"].compactMap { IPAddress($0) }
                try await rig.add(
                    "two", .addresses(addresses.map { .ip($0, port: endpoint.port) }), port: endpoint.port)
                let label: String = try await rig.whenEnded { bench, ended in
                    bench.start(try bench.template(Ask("two"))) { ended($0.label) }
                    Thread.sleep(forTimeInterval: 0.4)
                }
                #expect(label == "200")
                #expect(try await fleet.stats("plain").accepted == 1)
            }
        }

        /// The same for an answer that came while the loop was held up: it is no timeout.
        @Test("A blocked loop reads before it reports a timeout")
        func aLoopThatWasHeldUpReadsBeforeItJudges() async throws {
            try await withRig([.plain()]) { rig, fleet in
                #expect(try await rig.get("plain") == "200")
                let label: String = try await rig.whenEnded { bench, ended in
                    bench.start(try bench.template(Ask("plain").in(.milliseconds(200)))) { ended($0.label) }
                    Thread.sleep(forTimeInterval: 0.4)
                }
                #expect(label == "200")
            }
        }

        @Test("An unknown name is reported as dnsNotFound")
        func anUnknownNameIsDNSNotFound() async throws {
            try await withRig([.plain()]) { rig, fleet in
                try await rig.add("nobody", .name("nobody.pooltop.test"), port: 80)
                #expect(try await rig.get("nobody") == "dnsNotFound")
                // A closed loop against it is no busy loop, and ends.
                try await rig.load([(Ask("nobody"), 1)], .closedLoop(8), duration: .milliseconds(200))
                let metrics = try await rig.metrics("nobody")
                #expect(metrics.failures.keys.elementsEqual([.dnsNotFound]))
                #expect((9...1000).contains(metrics.requests.failed))
                #expect(try await rig.snapshot().dns.negativeHits > 0)
            }
        }

        /// A listener whose backlog is full drops the first packet of every connection.
        @Test("A black hole is reported as connectTimeout")
        func aBlackHoleIsConnectTimeout() async throws {
            let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: 1)
                .serverChannelOption(.autoRead, value: false)
                .bind(host: "127.0.0.1", port: 0).get()
            let port = listener.localAddress?.port ?? 0
            let fillers = (0..<4).map { _ in
                ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.milliseconds(200))
                    .connect(host: "127.0.0.1", port: port)
            }
            var filling: [any Channel] = []
            for filler in fillers {
                do { filling.append(try await filler.get()) } catch is NIOConnectionError {
                } catch ChannelError.connectTimeout {}
            }
            try #require(filling.count < 4, "the backlog is full")
            try await withAgent({ $0.connectTimeout = .milliseconds(300) }) { rig in
                try await rig.add("hole", .addresses([.ip(.loopbackV4, port: port)]), port: port)
                let outcome = try await rig.send(Ask("hole"))
                #expect(outcome.label == "connectTimeout")
                if case .failed(let error) = outcome { #expect((0.29...2).contains(error.waitedSeconds)) }
                #expect(try await rig.metrics("hole").connections.connecting == 0)
            }
            for channel in filling { try await channel.close() }
            try await listener.close()
        }

        // MARK: TLS

        @Test("An untrusted certificate is reported as such")
        func aCertificateThatIsNotTrustedIsSaidSo() async throws {
            try await expectTLS("tlsCertificateInvalid", trusts: false, name: "payments.pooltop.test")
        }

        @Test("A certificate for another name is reported as such")
        func aCertificateForAnotherNameIsSaidSo() async throws {
            try await expectTLS("tlsCertificateInvalid", trusts: true, name: "payments.example.com")
        }

        @Test("A valid certificate is accepted")
        func aCertificateThatFitsIsTaken() async throws {
            try await expectTLS("200", trusts: true, name: "payments.pooltop.test")
        }

        private func expectTLS(_ label: String, trusts: Bool, name: String) async throws {
            try await withRig([.payments]) { rig, fleet in
                let endpoint = try fleet.endpoint("payments")
                let tls = try TestTLS.identity(trusting: trusts ? fleet.certificateAuthorityPEM : nil, name)
                let location = HostDescription.Location.name(endpoint.hostName)
                try await rig.add("secure", location, port: endpoint.port, tls: tls)
                #expect(try await rig.get("secure") == label)
                let metrics = try await rig.metrics("secure")
                let isGood = label == "200"
                #expect(metrics.tls.failed == (isGood ? 0 : 1) && metrics.tls.handshakes == (isGood ? 1 : 0))
                // A failed handshake frees its slot, and poisons nothing.
                #expect(metrics.connections.connecting == 0)
                #expect(try await rig.get("payments") == "200")
            }
        }

        @Test("A plain HTTP server on an https target is a failed handshake")
        func aPlainServerOnHTTPSIsAFailedHandshake() async throws {
            try await withRig([.plain()]) { rig, fleet in
                let endpoint = try fleet.endpoint("plain")
                let tls = try TestTLS.identity(trusting: nil, endpoint.hostName)
                try await rig.add("secure", .name(endpoint.hostName), port: endpoint.port, tls: tls)
                #expect(try await rig.get("secure") == "tlsHandshakeFailed")
            }
        }

        @Test("A handshake without a response ends at the time limit")
        func aServerThatNeverShakesHandsMeetsTheTimeLimit() async throws {
            let server = try await RawServer.start { _ in RawServer.ok() }
            try await withAgent({ $0.tlsTimeout = .milliseconds(200) }) { rig in
                let tls = try TestTLS.identity(trusting: nil, "a.test")
                try await rig.add(
                    "mute", .addresses([.ip(.loopbackV4, port: server.port)]), port: server.port, tls: tls)
                #expect(try await rig.get("mute") == "tlsHandshakeFailed")
                #expect(try await rig.metrics("mute").connections.connecting == 0)
            }
            try await server.stop()
        }

        // MARK: Unusual

        @Test("A Unix socket can be a target")
        func aUnixSocketIsATarget() async throws {
            let path = "/tmp/pooltop-test-\(UInt64.random(in: 0 ... .max)).sock"
            let server = try await RawServer.start(at: try SocketAddress(unixDomainSocketPath: path)) { _ in
                RawServer.ok()
            }
            try await withAgent { rig in
                try await rig.add("unix", .addresses([.unix(path: path)]), port: 80)
                for _ in 0..<3 { #expect(try await rig.get("unix") == "200") }
                let metrics = try await rig.metrics("unix")
                #expect(metrics.connections.opened == 1 && metrics.requests.onReusedConnection == 2)
                #expect(try await rig.snapshot().hosts[0].addresses.map(\.address) == [path])
                try await rig.add("gone", .addresses([.unix(path: path + ".not")]), port: 80)
                #expect(try await rig.get("gone") == "unixSocketMissing")
            }
            try await server.stop()
        }

        static let hasIPv6: Bool = {
            do {
                let group = MultiThreadedEventLoopGroup.singleton
                let listener = try ServerBootstrap(group: group).bind(host: "::1", port: 0).wait()
                try listener.close().wait()
                return true
            } catch {
                return false
            }
        }()

        @Test("An IPv6 address can be a target", .enabled(if: hasIPv6, "this machine has no IPv6 loopback"))
        func anIPv6AddressIsATarget() async throws {
            let server = try await RawServer.start(at: try SocketAddress(ipAddress: "::1", port: 0)) { _ in
                RawServer.ok()
            }
            let address = try #require(IPAddress("::1"))
            try await withAgent { rig in
                try await rig.add("six", .addresses([.ip(address, port: server.port)]), port: server.port)
                #expect(try await rig.get("six") == "200")
                #expect(try await rig.snapshot().hosts[0].addresses.map(\.address) == ["[::1]:\(server.port)"])
            }
            try await server.stop()
        }
    }
}
