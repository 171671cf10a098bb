import Foundation
import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import Downstream

@Suite struct TLSTests {
    private func context(_ fleet: DownstreamFleet) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        let authority = try NIOSSLCertificate.fromPEMBytes(Array(fleet.certificateAuthorityPEM.utf8))
        configuration.trustRoots = .certificates(authority)
        return try NIOSSLContext(configuration: configuration)
    }

    @Test("`payments` verifies against the demo authority")
    func paymentsVerifiesAgainstTheDemoAuthority() async throws {
        try await withFleet([.payments]) { fleet in
            let endpoint = try fleet.endpoint("payments")
            let wire = try await Wire(endpoint.address, tls: (context(fleet), endpoint.hostName))
            for _ in 0..<3 { #expect(try await wire.get("/").body.utf8.count == 256) }
            let stats = try await fleet.stats("payments")
            #expect(stats.accepted == 1 && stats.requests == 3 && stats.tlsHandshakes == 1 && stats.tlsResumed == 0)
        }
    }

    @Test("Other names and other roots do not verify")
    func otherNamesAndOtherRootsDoNot() async throws {
        try await withFleet([.payments]) { fleet in
            let address = try fleet.endpoint("payments").address
            let wrongName = try await Wire(address, tls: (context(fleet), "payments.example.com"))
            await #expect(throws: (any Error).self) { try await wrongName.get("/") }
            let strangers = try NIOSSLContext(configuration: .makeClientConfiguration())
            let wrongRoot = try await Wire(address, tls: (strangers, "payments.pooltop.test"))
            await #expect(throws: (any Error).self) { try await wrongRoot.get("/") }
            #expect(try await fleet.stats("payments").requests == 0)
        }
    }

    @Test("Every way to end a connection also works with TLS")
    func everyWayToEndWorksBehindTLSToo() async throws {
        try await withFleet([.payments]) { fleet in
            let endpoint = try fleet.endpoint("payments")
            let context = try context(fleet)
            let endings: [(String, Ended)] = [
                ("/close", .fin), ("/drop", .fin), ("/reset", .reset), ("/until-close/9", .fin),
            ]
            for (path, ended) in endings {
                let wire = try await Wire(endpoint.address, tls: (context, endpoint.hostName))
                try await wire.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await wire.rest().ended == ended, "\(path)")
            }
            try await eventually("all gone") { try await fleet.stats("payments").open == 0 }
            #expect(try await fleet.stats("payments").closedByServer == 4)
        }
    }

    /// Our TLS library's client does not resume, so the openssl command line bears witness where there is one.
    @Test(
        "Resumption works and is counted",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"),
        arguments: ["-tls1_3", "-tls1_2"])
    func resumptionWorksAndIsCounted(version: String) async throws {
        try await withFleet([.payments]) { fleet in
            let endpoint = try fleet.endpoint("payments")
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let authority = folder.appendingPathComponent("ca.pem").path
            let session = folder.appendingPathComponent("session").path
            try fleet.certificateAuthorityPEM.write(toFile: authority, atomically: true, encoding: .utf8)
            let common = [
                "s_client", "-connect", endpoint.address, "-servername", endpoint.hostName, "-CAfile", authority,
                "-verify_return_error", "-verify_hostname", endpoint.hostName, "-ign_eof", version,
            ]
            let first = try await openssl(common + ["-sess_out", session])
            #expect(first.contains("New, TLS") && first.contains("HTTP/1.1 200 OK"))
            let second = try await openssl(common + ["-sess_in", session])
            #expect(second.contains("Reused, TLS") && second.contains("HTTP/1.1 200 OK"))
            let stats = try await fleet.stats("payments")
            #expect(stats.tlsHandshakes == 2 && stats.tlsResumed == 1)
        }
    }

    /// The server closes, and then openssl ends.
    private func openssl(_ arguments: [String]) async throws -> String {
        try await ChildProcess.output(
            of: "/usr/bin/openssl", arguments,
            input: "GET / HTTP/1.1\r\nHost: payments.pooltop.test\r\nConnection: close\r\n\r\n")
    }
}

@Suite struct ResumptionDetectorTests {
    private func hello(random: [UInt8]? = nil, extensions: [UInt8]) -> [UInt8] {
        var body: [UInt8] = [3, 3]
        body += random ?? Array(repeating: 7, count: 32)
        body += [1, 9, 0x13, 1, 0, 0, UInt8(6 * extensions.count)]
        for type in extensions { body += [0, type, 0, 2, 3, 4] as [UInt8] }
        return message(2, body)
    }

    private func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type, 0, 0, UInt8(body.count)] + body }

    private func record(_ type: UInt8, _ body: [UInt8]) -> ByteBuffer {
        ByteBuffer(bytes: [type, 3, 3, 0, UInt8(body.count)] + body)
    }

    @Test("In TLS 1.3 the pre-shared key shows a resumption")
    func thePreSharedKeyTellsInTLS13() {
        var full = ResumptionDetector()
        #expect(full.isResumed(after: record(22, hello(extensions: [43, 51]))) == false)
        var resumed = ResumptionDetector()
        #expect(resumed.isResumed(after: record(22, hello(extensions: [43, 51, 41]))) == true)
    }

    @Test("In TLS 1.2 the certificate shows a full handshake")
    func theCertificateTellsInTLS12() {
        var full = ResumptionDetector()
        #expect(full.isResumed(after: record(22, hello(extensions: []) + message(11, [1, 2, 3]))) == false)
        var resumed = ResumptionDetector()
        var flight = record(22, hello(extensions: []))
        flight.writeImmutableBuffer(record(22, message(4, [1])))
        flight.writeImmutableBuffer(record(20, [1]))
        #expect(resumed.isResumed(after: flight) == true)
    }

    @Test("A HelloRetryRequest is not the hello")
    func aRetryRequestIsNotTheHello() {
        let retry: [UInt8] = [
            0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
            0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
        ]
        var flight = ResumptionDetector()
        var first = record(22, hello(random: retry, extensions: [43, 51]))
        first.writeImmutableBuffer(record(20, [1]))
        #expect(flight.isResumed(after: first) == nil)
        #expect(flight.isResumed(after: record(22, hello(extensions: [43, 41]))) == true)
    }

    @Test("Bytes may arrive one by one")
    func bytesMayComeOneByOne() {
        var flight = ResumptionDetector()
        let bytes = record(22, hello(extensions: [43, 41])).readableBytesView
        for byte in bytes.dropLast() { #expect(flight.isResumed(after: ByteBuffer(bytes: [byte])) == nil) }
        #expect(flight.isResumed(after: ByteBuffer(bytes: bytes.suffix(1))) == true)
    }
}
