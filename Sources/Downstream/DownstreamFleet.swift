import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bundled downstreams, running in this process on their own event loops: HTTP/1 servers on loopback and a DNS
/// server that knows their names. The fleet is independent of the agent, so its counts can be used to verify the
/// agent's.
///
/// Each downstream lives on one loop, and its counts are exact as of one instant of that loop.
package final class DownstreamFleet: Sendable {
    private struct Member: Sendable {
        let endpoint: DownstreamEndpoint
        let loop: any EventLoop
        let runner: NIOLoopBound<ServerRunner>
    }

    /// Threads are named `downstream-0` and so on, so that their CPU time can be separated from the agent's
    /// (`/proc/self/task/*/comm`).
    package static let threadNamePrefix = "downstream-"

    /// In the order of the scenarios.
    package let endpoints: [DownstreamEndpoint]
    /// `127.0.0.1:PORT`, UDP and TCP.
    package let dnsAddress: String
    /// The token that a request for a fault must carry (`Authorization: Bearer TOKEN`); generated for each fleet.
    package let controlToken: String
    /// The certificate that a client must trust to connect to the HTTPS downstreams.
    package var certificateAuthorityPEM: String { DemoAuthority.certificatePEM }

    private let group: MultiThreadedEventLoopGroup
    private let dns: DNSServer
    private let members: [Member]

    private init(group: MultiThreadedEventLoopGroup, dns: DNSServer, members: [Member], token: String) {
        self.group = group
        self.dns = dns
        self.members = members
        controlToken = token
        endpoints = members.map(\.endpoint)
        dnsAddress = "127.0.0.1:\(dns.port)"
    }

    /// Binds all sockets and returns when every downstream accepts connections. Call `shutdown` at the end.
    ///
    /// Throws `ScenarioError`, or the error of a socket that could not be bound; nothing is left behind in that case.
    package static func start(
        _ scenarios: [Scenario] = .bundled, seed: UInt64, loops: Int = 1
    ) async throws -> DownstreamFleet {
        for _ in 1..<attempts {
            // Another program may take a port between the moment when it was found free and that when it is listened on.
            do { return try await startOnce(scenarios, seed: seed, loops: loops) } catch let error as IOError {
                guard error.errnoCode == EADDRINUSE else { throw error }
            }
        }
        return try await startOnce(scenarios, seed: seed, loops: loops)
    }

    private static let attempts = 4

    private static func startOnce(
        _ scenarios: [Scenario], seed: UInt64, loops: Int
    ) async throws -> DownstreamFleet {
        var names: Set<String> = []
        for scenario in scenarios {
            try scenario.validate()
            guard names.insert(scenario.name).inserted else { throw ScenarioError.duplicateName(scenario.name) }
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(loops, 1))
        do {
            try await nameThreads(of: group)
            let dns = try await DNSServer.start(scenarios, on: group.next())
            let token = ControlAccess.drawToken()
            var members: [Member] = []
            for scenario in scenarios {
                members.append(try await launch(scenario, seed: seed, token: token, loop: group.next(), dns: dns))
            }
            return DownstreamFleet(group: group, dns: dns, members: members, token: token)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    private static func nameThreads(of group: MultiThreadedEventLoopGroup) async throws {
        for (index, loop) in group.makeIterator().enumerated() {
            try await loop.submit {
                // Swift has no portable call for this. On systems without /proc, nothing reads thread names from it
                // either.
                guard let file = fopen("/proc/thread-self/comm", "w") else { return }
                fputs("\(threadNamePrefix)\(index)", file)
                fclose(file)
            }.get()
        }
    }

    private static func launch(
        _ scenario: Scenario, seed: UInt64, token: String, loop: any EventLoop, dns: DNSServer
    ) async throws -> Member {
        let reservation = try PortReservation(addresses: scenario.addresses, scenario: scenario.name)
        let endpoint = DownstreamEndpoint(scenario, port: reservation.port)
        let access = ControlAccess(token: token, announcing: endpoint)
        let tls = scenario.speaksTLS ? try makeTLS(scenario.certificate) : nil
        let runner = try await loop.submit {
            let server = Server(scenario, seed: seed, access: access, loop: loop)
            return NIOLoopBound(
                ServerRunner(server, reservation: reservation, tls: tls, dns: dns), eventLoop: loop)
        }.get()
        try await loop.flatSubmit { runner.value.listen() }.get()
        return Member(endpoint: endpoint, loop: loop, runner: runner)
    }

    private static func makeTLS(_ certificate: Scenario.Certificate) throws -> NIOSSLContext {
        let text = DemoAuthority.leafCertificatePEM(certificate)
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(text.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(DemoAuthority.leafKeyPEM.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    // MARK: Asking and disturbing

    package func endpoint(_ name: String) throws(ScenarioError) -> DownstreamEndpoint { try member(name).endpoint }

    private func member(_ name: String) throws(ScenarioError) -> Member {
        guard let member = members.first(where: { $0.endpoint.name == name }) else { throw .unknownName(name) }
        return member
    }

    package func stats(_ name: String) async throws -> DownstreamStats {
        let member = try member(name)
        return try await member.loop.submit { member.runner.value.server.stats }.get()
    }

    /// In the order of the scenarios.
    package func stats() async throws -> [DownstreamStats] {
        var all: [DownstreamStats] = []
        for endpoint in endpoints { all.append(try await stats(endpoint.name)) }
        return all
    }

    package func dnsStats() async throws -> DNSStats {
        let zone = dns.zone
        return try await dns.loop.submit { zone.value.stats }.get()
    }

    /// Returns when the fault is in force. Bytes and FINs that it sends may still be in flight.
    package func inject(_ fault: InjectedFault, into name: String) async throws {
        let member = try member(name)
        try await member.loop.flatSubmit { member.runner.value.perform(fault) }.get()
    }

    /// Closes every socket and stops the threads. Call it once.
    package func shutdown() async throws { try await group.shutdownGracefully() }

    package var fleetDescription: FleetDescription {
        FleetDescription(
            dns: dnsAddress,
            downstreams: endpoints.map {
                FleetDescription.Downstream(name: $0.name, url: $0.url, address: $0.address)
            }, token: controlToken)
    }
}
