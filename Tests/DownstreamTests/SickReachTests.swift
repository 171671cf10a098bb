import DNSWire
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

@testable import Downstream

/// Each of the catalogue that cannot be reached as announced fails on the wire as it says.
@Suite("Sick downstreams: connecting, TLS, DNS") struct SickReachTests {
    /// Nil: connected. The connection is closed again.
    private func connectionFailure(_ address: String, limit: TimeAmount = .seconds(10)) async throws -> (any Error)? {
        let parts = address.split(separator: ":").map(String.init)
        let target = try SocketAddress(ipAddress: parts[0], port: Int(parts[1]) ?? 0)
        do {
            try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(limit)
                .connect(to: target).get().close()
            return nil
        } catch {
            return error
        }
    }

    private func isRefused(_ address: String) async throws -> Bool {
        (try await connectionFailure(address) as? IOError)?.errnoCode == ECONNREFUSED
    }

    private func timesOut(_ address: String) async throws -> Bool {
        let failure = try await connectionFailure(address, limit: .milliseconds(300))
        if case .connectTimeout = failure as? ChannelError { return true }
        Issue.record("\(String(describing: failure))")
        return false
    }

    // MARK: Connecting

    @Test("The downstream 'refusing' refuses, also after a person has it recover")
    func refusing() async throws {
        try await withFleet([.sick("refusing")]) { fleet in
            let address = try fleet.endpoint("refusing").address
            #expect(try await isRefused(address))
            try await fleet.inject(.recover, into: "refusing")
            #expect(try await isRefused(address))
            #expect(try await fleet.stats("refusing").accepted == 0)
        }
    }

    @Test(
        "The downstream 'blackhole' leaves everybody waiting who connects, and so it does again after it refused for a while"
    )
    func blackhole() async throws {
        try await withFleet([.sick("blackhole")]) { fleet in
            let address = try fleet.endpoint("blackhole").address
            for _ in 0..<4 { #expect(try await timesOut(address)) }
            try await fleet.inject(.refuse, into: "blackhole")
            #expect(try await isRefused(address))
            try await fleet.inject(.recover, into: "blackhole")
            #expect(try await timesOut(address))
            let stats = try await fleet.stats("blackhole")
            #expect(stats.accepted == 0 && stats.open == 0)
        }
    }

    @Test("The downstream 'one-dead-address' is announced with three, of which two serve and one refuses")
    func oneDeadAddress() async throws {
        try await withFleet([.sick("one-dead-address")]) { fleet in
            let endpoint = try fleet.endpoint("one-dead-address")
            #expect(endpoint.addresses == (1...3).map { "127.0.0.\($0):\(endpoint.port)" })
            #expect(try await isRefused(endpoint.addresses[2]))
            for address in endpoint.addresses.prefix(2) {
                let wire = try await Wire(address)
                for count in 1...10 {
                    #expect(try await wire.get("/").fields["connection"] == (count == 10 ? "close" : nil))
                }
            }
            let name = try #require(DomainName(endpoint.hostName))
            let answer = try await DNSClient.ask(fleet, name, .a)
            #expect(answer.answers.count == 3 && answer.answers.allSatisfy { $0.ttlSeconds == 5 })
            let accepted = try await fleet.stats("one-dead-address").acceptedByAddress
            #expect(accepted == ["127.0.0.1": 1, "127.0.0.2": 1, "127.0.0.3": 0])
        }
    }

    // MARK: TLS

    private func client(_ fleet: DownstreamFleet, verifies: Bool = true) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        let authority = try NIOSSLCertificate.fromPEMBytes(Array(fleet.certificateAuthorityPEM.utf8))
        configuration.trustRoots = .certificates(authority)
        if !verifies { configuration.certificateVerification = .none }
        return try NIOSSLContext(configuration: configuration)
    }

    @Test(
        "Who verifies does not get past the certificate, and who does not is served",
        arguments: ["self-signed", "wrong-name", "expired"])
    func certificates(name: String) async throws {
        try await withFleet([.sick(name)]) { fleet in
            let endpoint = try fleet.endpoint(name)
            let verifying = try await Wire(endpoint.address, tls: (client(fleet), endpoint.hostName))
            await #expect(throws: (any Error).self) { try await verifying.get("/") }
            #expect(try await fleet.stats(name).requests == 0)
            let trusting = try await Wire(
                endpoint.address, tls: (client(fleet, verifies: false), endpoint.hostName))
            #expect(try await trusting.get("/").status == 200)
            let stats = try await fleet.stats(name)
            #expect(stats.requests == 1 && stats.statuses == ["200": 1])
        }
    }

    /// OpenSSL's numbers: X509_V_OK, …DEPTH_ZERO_SELF_SIGNED_CERT, …CERT_HAS_EXPIRED, …HOSTNAME_MISMATCH.
    @Test(
        "Each certificate has one fault and no other, as openssl sees it",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"),
        arguments: [("payments", 0), ("self-signed", 18), ("expired", 10), ("wrong-name", 62)])
    func oneFault(name: String, code: Int) async throws {
        let scenario = try name == "payments" ? Scenario.payments : .sick(name)
        try await withFleet([scenario]) { fleet in
            let endpoint = try fleet.endpoint(name)
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let authority = folder.appendingPathComponent("ca.pem").path
            try fleet.certificateAuthorityPEM.write(toFile: authority, atomically: true, encoding: .utf8)
            let output = try await ChildProcess.output(
                of: "/usr/bin/openssl",
                [
                    "s_client", "-connect", endpoint.address, "-servername", endpoint.hostName, "-CAfile", authority,
                    "-verify_hostname", endpoint.hostName, "-ign_eof",
                ],
                input: "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(output.contains("Verify return code: \(code) ("), "\(output)")
            #expect(output.contains("HTTP/1.1 200 OK"))
        }
    }

    @Test("The certificates say what they are for and until when")
    func certificateFacts() throws {
        func facts(_ kind: Scenario.Certificate) throws -> (names: [String], from: Int, until: Int) {
            let pem = Array(DemoAuthority.leafCertificatePEM(kind).utf8)
            let certificate = try #require(try NIOSSLCertificate.fromPEMBytes(pem).first)
            let names = certificate._subjectAlternativeNames().map { String(decoding: $0.contents, as: UTF8.self) }
            return (names, Int(certificate.notValidBefore), Int(certificate.notValidAfter))
        }
        let (start, end) = (1_577_836_800, 2_524_607_999)
        let all = ["pooltop.test", "*.pooltop.test", "localhost"]
        #expect(try facts(.trusted) == (all, start, end))
        #expect(try facts(.expired) == (all, start, 1_609_459_200))
        #expect(try facts(.otherName) == (["elsewhere.pooltop.test"], start, end))
        #expect(try facts(.selfSigned) == (["*.pooltop.test"], start, end))
    }

    @Test(
        "The downstream 'plain-port' answers a ClientHello with HTTP and ends the connection, and serves plain requests"
    )
    func plainPort() async throws {
        try await withFleet([.sick("plain-port")]) { fleet in
            let endpoint = try fleet.endpoint("plain-port")
            let secure = try await Wire(endpoint.address, tls: (client(fleet), endpoint.hostName))
            await #expect(throws: (any Error).self) { try await secure.get("/") }
            let bare = try await Wire(endpoint.address)
            try await bare.send(bytes: [22, 3, 1, 0, 4, 1, 0, 0, 0])
            let answer = try await bare.rest()
            #expect(answer.text.hasPrefix("HTTP/1.1 400 Bad Request\r\n") && answer.ended == .fin)
            #expect(try await Wire.get(endpoint.address, "/").status == 200)
            let stats = try await fleet.stats("plain-port")
            #expect(stats.tlsHandshakes == 0 && stats.rejected == 2 && stats.requests == 1)
        }
    }

    // MARK: DNS

    private func name(_ scenario: String) throws -> DomainName {
        try #require(DomainName("\(scenario).pooltop.test"))
    }

    @Test("The downstream 'no-such-name' is NXDOMAIN with the SOA that says for how long")
    func noSuchName() async throws {
        try await withFleet([.sick("no-such-name")]) { fleet in
            for type in [RecordType.a, .aaaa] {
                let answer = try await DNSClient.ask(fleet, name("no-such-name"), type)
                #expect(answer.responseCode == .nameError && answer.answers.isEmpty)
                guard case .soa(let soa) = answer.authorities.first?.data else {
                    Issue.record("no SOA")
                    continue
                }
                #expect(soa.minimumSeconds == 5)
            }
            #expect(try await Wire.get(fleet.endpoint("no-such-name").address, "/").status == 200)
        }
    }

    @Test("The downstream 'dns-servfail' is SERVFAIL until a person gives records, and again when they have it recover")
    func serverFailure() async throws {
        try await withFleet([.sick("dns-servfail")]) { fleet in
            let name = try name("dns-servfail")
            #expect(try await DNSClient.ask(fleet, name, .a).responseCode == .serverFailure)
            try await fleet.inject(.dns(.records(addresses: nil, ttlSeconds: 7)), into: "dns-servfail")
            #expect(try await DNSClient.ask(fleet, name, .a).answers.first?.ttlSeconds == 7)
            try await fleet.inject(.recover, into: "dns-servfail")
            #expect(try await DNSClient.ask(fleet, name, .a).responseCode == .serverFailure)
            #expect(try await fleet.dnsStats().byResponse == ["SERVFAIL": 2, "NOERROR": 1])
        }
    }

    @Test("The downstream 'dns-timeout' is never answered, by UDP or TCP, while its neighbours are")
    func silence() async throws {
        try await withFleet([.sick("dns-timeout"), .catalog]) { fleet in
            let (silent, catalog) = (try name("dns-timeout"), try name("catalog"))
            let client = try await DNSClient(fleet)
            try await client.send(.query(id: 1, name: silent, type: .a))
            try await client.send(.query(id: 2, name: catalog, type: .a))
            // Datagrams on loopback stay in order: an answer to the first would have come before this one.
            #expect(try await client.receive().id == 2)
            try await client.close()
            let wire = try await Wire(fleet.dnsAddress)
            for (id, name) in [(UInt16(3), silent), (4, catalog)] {
                let bytes = Message.query(id: id, name: name, type: .a).encoded()
                try await wire.send(bytes: [UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes)
            }
            let bytes = try await wire.wait { $0.received.readLengthPrefixedSlice(as: UInt16.self) }
            #expect(try Message(decoding: Array(bytes.readableBytesView)).id == 4)
            #expect(try await fleet.dnsStats().byResponse == ["none": 2, "NOERROR": 2])
        }
    }

    @Test(
        "The downstream 'dns-outage' answers for a second from the first query on, whenever that comes, and then no more"
    )
    func outage() throws {
        let zone = try DNSZone([.sick("dns-outage"), .catalog])
        func answers(_ scenario: String, _ type: RecordType = .a, at seconds: Double) throws -> Int? {
            let query = Message.query(id: 1, name: try name(scenario), type: type).encoded()
            let now = NIODeadline.uptimeNanoseconds(UInt64(seconds * 1e9))
            return try zone.answer(query, overTCP: false, now: now).map { try Message(decoding: $0).answers.count }
        }
        #expect(try answers("catalog", at: 1) == 1)
        #expect(try answers("dns-outage", at: 100) == 1)
        #expect(try answers("dns-outage", .aaaa, at: 100) == 0)
        #expect(try answers("dns-outage", at: 100.9) == 1)
        #expect(try answers("dns-outage", at: 101.1) == nil)
        #expect(try answers("dns-outage", .aaaa, at: 200) == nil)
        #expect(try answers("catalog", at: 200) == 1)
        try zone.inject(nil, into: "dns-outage.pooltop.test")
        #expect(try answers("dns-outage", at: 300) == 1)
        #expect(try answers("dns-outage", at: 302) == nil)
        #expect(zone.stats.byResponse == ["NOERROR": 6, "none": 3])
    }

    @Test("An outage is silence on the wire too, with a TTL that lets clients notice")
    func outageOnTheWire() async throws {
        var scenario = try Scenario.sick("dns-outage")
        scenario.nameAnswers = .outage(afterSeconds: 0)
        try await withFleet([scenario, .catalog]) { fleet in
            let answer = try await DNSClient.ask(fleet, name("dns-outage"), .a)
            #expect(answer.answers.count == 1 && answer.answers.first?.ttlSeconds == 1)
            let client = try await DNSClient(fleet)
            try await client.send(.query(id: 1, name: name("dns-outage"), type: .a))
            try await client.send(.query(id: 2, name: name("catalog"), type: .a))
            #expect(try await client.receive().id == 2)
            try await client.close()
            #expect(try await Wire.get(fleet.endpoint("dns-outage").address, "/").status == 200)
        }
    }
}
