import AgentCore
import DNSWire
import KeepAliveAgent
import NIOSSL
import PoolModel
import TestSupport
import Testing

@Suite struct TLSReasonTests {
    /// The error of a request to a server.
    private func error(
        _ kind: TLSTestServers.Kind, host: String = "www.example.test", asClient pem: String? = nil,
        least: TLSVersion = .tlsv12
    ) async throws -> AgentError? {
        let servers = TLSTestServers()
        let port = try await servers.start(kind)
        let rig = try await Rig(dns: nil) { $0.requestTimeout = nil }
        let identity = TLSIdentity(try TLSFixtures.clientContext(least: least, asClient: pem), host: host)
        try await rig.add("server", .addresses([.ip(.loopbackV4, port: port)]), port: port, tls: identity)
        let outcome = try await rig.send(Ask("server"))
        try await rig.shutdown()
        try await servers.shutdown()
        guard case .failed(let error) = outcome else { return nil }
        #expect(error.origin == "https://server.test:\(port)")
        return error
    }

    @Test(
        "A certificate is refused for a named reason",
        arguments: [
            (TLSFixtures.stranger, TLSFailure.unknownAuthority), (TLSFixtures.selfSigned, .selfSigned),
            (TLSFixtures.expired, .expired), (TLSFixtures.notYetValid, .notYetValid),
            (TLSFixtures.clientOnly, .wrongPurpose), (TLSFixtures.ip, .wrongName),
            (TLSFixtures.commonName, .wrongName),
        ], [TLSVersion.tlsv12, .tlsv13])
    func certificates(_ test: (pem: String, reason: TLSFailure), version: TLSVersion) async throws {
        let error = try await error(.tls(try TLSFixtures.serverContext(test.pem, version)))
        #expect(error?.tlsFailure == test.reason && error?.cause == .tlsCertificateInvalid)
        #expect(error?.phase == .handshaking)
    }

    @Test(
        "A server that requires a client certificate is recognised, in TLS 1.3 after the handshake",
        arguments: [true, false])
    func clientCertificate(isTLS13: Bool) async throws {
        let context = try TLSFixtures.serverContext(
            TLSFixtures.dns, isTLS13 ? .tlsv13 : .tlsv12, wantsClientCertificate: true)
        let wanted = try await error(.tls(context))
        #expect(wanted?.tlsFailure == .clientCertificateWanted && wanted?.cause == .tlsHandshakeFailed)
        let refused = try await error(.tls(context), asClient: TLSFixtures.stranger)
        #expect(refused?.tlsFailure == .clientCertificateRefused && refused?.cause == .tlsHandshakeFailed)
        #expect(try await error(.tls(context), asClient: TLSFixtures.clientOnly) == nil)
    }

    @Test("Incompatible versions, a server without TLS and a closed connection are distinguished")
    func handshakes() async throws {
        let old = try await error(.tls(try TLSFixtures.serverContext(TLSFixtures.dns, .tlsv11)))
        #expect(old?.tlsFailure == .protocolVersion)
        let recent = try await error(.tls(try TLSFixtures.serverContext(TLSFixtures.dns, .tlsv12)), least: .tlsv13)
        #expect(recent?.tlsFailure == .protocolVersion)
        #expect(try await error(.plain)?.tlsFailure == .notTLS)
        #expect(try await error(.closing)?.tlsFailure == .closed)
        let reset = try await error(.resetting)
        #expect(reset?.tlsFailure == .reset && reset?.cause == .tlsHandshakeFailed, "it is none that was refused")
        #expect(reset?.description.hasPrefix("tlsHandshakeFailed (reset) for https://server.test:") == true)
    }

    @Test("The server name indication contains the name without its trailing dot, and never an address")
    func serverName() async throws {
        let servers = TLSTestServers()
        let port = try await servers.start(.reading)
        let rig = try await Rig(dns: nil) { $0.requestTimeout = nil }
        let context = try TLSFixtures.clientContext()
        for (index, host) in ["www.example.test.", "127.0.0.1", "::1", "fe80::1%lo"].enumerated() {
            try await rig.add(
                "\(index)", .addresses([.ip(.loopbackV4, port: port)]), port: port,
                tls: TLSIdentity(context, host: host))
            _ = try await rig.get("\(index)")
        }
        #expect(servers.namesSeen == ["www.example.test", nil, nil, nil])
        try await rig.shutdown()
        try await servers.shutdown()
    }

    @Test("The library requires TLS 1.2 unless configured otherwise", arguments: [TLSVersion.tlsv12, .tlsv1])
    func leastVersion(least: TLSVersion) async throws {
        let servers = TLSTestServers()
        let port = try await servers.start(.tls(try TLSFixtures.serverContext(TLSFixtures.ip, .tlsv1)))
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates([try TLSFixtures.certificate(TLSFixtures.authority)])
        let agent = HTTPAgent(tls: tls, minimumTLSVersion: least)
        let request = HTTPRequest(method: .get, scheme: "https", authority: "127.0.0.1:\(port)", path: "/")
        let failure = await cause { _ = try await agent.execute(request) }
        #expect(failure == (least == .tlsv1 ? nil : .tlsHandshakeFailed))
        await agent.shutdown()
        try await servers.shutdown()
    }
}
