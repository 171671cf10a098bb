import ArgumentParser
import Downstream
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Prober
@testable import SessionConfig
@testable import pooltop

/// Whole probes over loopback; the downstreams are the witness.
@Suite(.watchesClocks) struct ProbeRunTests {
    private typealias Document = [String: Any]

    /// Probes all downstreams of these scenarios; by name.
    private func probe(
        _ scenarios: [Scenario], _ arguments: [String] = [], signals: AsyncStream<Int32> = AsyncStream { _ in }
    ) async throws -> [String: Document] {
        let fleet = try await DownstreamFleet.start(scenarios, seed: 1)
        do {
            let authority = try TemporaryFile(fleet.certificateAuthorityPEM)
            var all = fleet.endpoints.map(\.url) + ["--dns-server", fleet.dnsAddress] + arguments
            if scenarios.contains(where: { $0.scheme == .https }) { all += ["--ca-file", authority.path] }
            let documents = try await documents(all, signals: signals)
            try await fleet.shutdown()
            return Dictionary(uniqueKeysWithValues: zip(scenarios.map(\.name), documents))
        } catch {
            try await fleet.shutdown()
            throw error
        }
    }

    private func documents(
        _ arguments: [String], signals: AsyncStream<Int32> = AsyncStream { _ in }
    ) async throws -> [Document] {
        let file = try TemporaryFile("")
        let plan = try ProbeOptions.parse(arguments + ["--format", "json", "--output", file.path, "--quiet"]).plan()
        try await ProbeRun(plan: plan, makeSignals: { EndSignals(signals) }).execute()
        let data = Data(try String(contentsOfFile: file.path, encoding: .utf8).utf8)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? Document)
        return object["probes"] as? [Document] ?? [object]
    }

    private func scenario(_ name: String, _ change: (inout Scenario) -> Void) -> Scenario {
        var scenario = Scenario(name: name)
        change(&scenario)
        return scenario
    }

    @Test("The idle limit and the manner of closing are found")
    func theIdleLimitAndTheMannerOfTheEnd() async throws {
        let probes = try await probe(
            [
                scenario("fin") { $0.idleLimitSeconds = 1 },
                scenario("reset") { ($0.idleLimitSeconds, $0.idleDrop) = (1, .reset) },
                scenario("tls") { ($0.idleLimitSeconds, $0.scheme) = (1, .https) },
                scenario("hint") {
                    $0.idleLimitSeconds = 4
                    $0.keepAliveHint = AdvertisedKeepAlive(timeoutSeconds: 2)
                },
            ], ["--max-wait", "1m", "-n", "20"])
        for (name, close) in [("fin", "fin"), ("reset", "reset"), ("tls", "fin"), ("hint", "fin")] {
            let probe = try #require(probes[name])
            let limit = try #require(probe["idleLimitSeconds"] as? Double, "\(name)")
            // The server's clock starts when it has answered, ours when that was read.
            #expect(limit >= 0.5, "\(name)")
            #expect(probe["closes"] as? String == close && probe["keepsConnections"] as? Bool == true, "\(name)")
            #expect(probe["maxRequestsPerConnection"] is NSNull && probe["error"] is NSNull)
            let requests = try #require(probe["requests"] as? Document)
            // The count ends soon after the limit is known, which on a busy machine is before the twentieth.
            #expect((1...20).contains(requests["most"] as? Int ?? 0))
        }
        let advice = try #require(probes["hint"]?["advice"] as? Document)
        #expect(advice["idleTimeoutSeconds"] as? Double == 1 && advice["basis"] as? String == "hint")
    }

    @Test("The request limit is found")
    func theLimitOfRequests() async throws {
        let probes = try await probe(
            [
                scenario("plain") { ($0.requestsPerConnection, $0.idleLimitSeconds) = (7, 3) },
                scenario("tls") {
                    ($0.requestsPerConnection, $0.idleLimitSeconds, $0.scheme) = (9, 3, .https)
                    $0.keepAliveHint = AdvertisedKeepAlive(timeoutSeconds: 5, saysMaximum: true)
                },
                scenario("one") { $0.requestsPerConnection = 1 },
            ], ["--max-wait", "1m"])
        let plain = try #require(probes["plain"])
        #expect(plain["maxRequestsPerConnection"] as? Int == 7 && plain["closes"] as? String == "fin")
        let requests = try #require(plain["requests"] as? Document)
        #expect(requests["announced"] as? Bool == true && requests["confirmed"] as? Bool == true)
        #expect(requests["closes"] as? String == "fin")
        let tls = try #require(probes["tls"])
        #expect(tls["maxRequestsPerConnection"] as? Int == 9)
        // With a word after the last response, and without one when idle.
        #expect(
            (tls["requests"] as? Document)?["closes"] as? String == "closeNotify" && tls["closes"] as? String == "fin")
        #expect(tls["hintTimeoutSeconds"] as? Int == 5 && tls["hintMax"] as? Int == 8)
        #expect(probes["one"]?["keepsConnections"] as? Bool == false)
    }

    @Test("A server that closes after every response is recognised")
    func aServerThatAlwaysCloses() async throws {
        let probe = try #require(try await probe([scenario("legacy") { $0.alwaysCloses = true }])["legacy"])
        #expect(probe["keepsConnections"] as? Bool == false && probe["keepsNotBecause"] as? String == "closeHeader")
        #expect(probe["closes"] as? String == "fin" && probe["idleLimitSeconds"] is NSNull)
        #expect(probe["idle"] is NSNull && probe["requests"] is NSNull)
        let latency = try #require(probe["latency"] as? Document)
        #expect(latency["samplesNew"] as? Int == 5 && latency["firstByteReused"] is NSNull)
    }

    @Test("TLS and DNS properties are reported")
    func whatTLSAndDNSSay() async throws {
        let probe = try #require(
            try await probe(
                [
                    scenario("pay") {
                        $0.scheme = .https
                        ($0.addresses, $0.ttlSeconds) = (["127.0.0.1", "127.0.0.2"], 7)
                    }
                ], ["--max-wait", "0", "-n", "0"])["pay"])
        let tls = try #require(probe["tls"] as? Document)
        #expect(tls["version"] as? String == "1.3" && (tls["cipher"] as? String)?.hasPrefix("TLS_") == true)
        #expect(tls["alpn"] as? String == "http/1.1" && tls["resumption"] as? String == "offered")
        #expect((tls["certificateUntil"] as? String)?.hasSuffix("Z") == true)
        let dns = try #require(probe["dns"] as? Document)
        #expect(dns["ttlSeconds"] as? Int == 7 && dns["negativeTTLSeconds"] as? Int == 5)
        #expect((dns["records"] as? [Document])?.count == 2)
        #expect((probe["addresses"] as? [String])?.count == 2, "connections take turns among the addresses")
        #expect(probe["idle"] is NSNull && probe["keepsConnections"] as? Bool == true)
        let latency = try #require(probe["latency"] as? Document)
        for name in ["dns", "connect", "tlsHandshake", "firstByteNew", "firstByteReused"] {
            #expect(latency[name] as? Double ?? 0 > 0, "\(name)")
        }
    }

    /// Some of a thousand requests are lost for reasons that have nothing to do with a limit.
    @Test("Lost responses are not a limit")
    func lostResponsesAreNoLimit() async throws {
        let probe = try #require(
            try await probe(
                [scenario("flaky") { $0.resetRate = 0.2 }], ["--max-wait", "4s", "-n", "400"])["flaky"])
        #expect(probe["keepsConnections"] as? Bool == true && probe["maxRequestsPerConnection"] is NSNull)
        let runs = try #require((probe["requests"] as? Document)?["runs"] as? [Document])
        #expect(runs.contains { $0["error"] as? String == "peerReset" })
    }

    @Test("A signal ends the probe, and the results so far are reported")
    func aSignalEndsItAndWhatIsKnownIsReported() async throws {
        let fleet = try await DownstreamFleet.start([Scenario(name: "catalog")], seed: 1)
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        let url = try fleet.endpoint("catalog").url
        async let documents = documents(
            [url, "--dns-server", fleet.dnsAddress, "--max-wait", "1h", "-n", "3"], signals: signals)
        // The samples, the one that counts, and those that are asked when they are old enough.
        try await eventually("all connections are there") {
            try await fleet.stats("catalog").requests >= 5 + 1 + IdleExamination.ages.count
        }
        continuation.yield(SIGINT)
        let probe = try #require(try await documents.first)
        try await fleet.shutdown()
        #expect(probe["interrupted"] as? Bool == true && probe["error"] is NSNull)
        #expect(probe["keepsConnections"] as? Bool == true && probe["idleLimitSeconds"] is NSNull)
        let idle = try #require(probe["idle"] as? Document)
        let ends = try #require(idle["connections"] as? [Document]).compactMap { $0["end"] as? String }
        #expect(ends.filter { $0 == "open" }.count >= 5)
    }

    @Test("Several targets keep their order")
    func severalTargetsKeepTheirOrder() async throws {
        let names = ["c", "a", "b"]
        let probes = try await probe(names.map { Scenario(name: $0) }, ["--max-wait", "0", "-n", "0"])
        for name in names {
            #expect((probes[name]?["name"] as? String)?.hasPrefix("\(name).pooltop.test:") == true)
        }
    }

    // MARK: Targets that are down

    @Test("A target without a listener is reported")
    func nobodyListens() async throws {
        // Bound and not listening: nobody else gets the port.
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &place.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        #expect(isBound)
        let url = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/"
        let probe = try #require(try await documents([url]).first)
        #expect(probe["error"] as? String == "connectRefused" && probe["keepsConnections"] is NSNull)
    }

    @Test("A name that does not exist is reported")
    func aNameThatDoesNotExist() async throws {
        let fleet = try await DownstreamFleet.start([Scenario(name: "here")], seed: 1)
        let probe = try #require(
            try await documents(["http://nobody.pooltop.test./", "--dns-server", fleet.dnsAddress]).first)
        try await fleet.shutdown()
        #expect(probe["error"] as? String == "dnsNotFound")
        let dns = try #require(probe["dns"] as? Document)
        #expect(dns["negativeTTLSeconds"] as? Int == 5 && dns["ttlSeconds"] is NSNull)
    }

    @Test("An untrusted certificate is reported")
    func aCertificateThatNobodyTrusts() async throws {
        let fleet = try await DownstreamFleet.start([scenario("pay") { $0.scheme = .https }], seed: 1)
        let url = try fleet.endpoint("pay").url
        let place = ["--dns-server", fleet.dnsAddress, "--max-wait", "0", "-n", "0"]
        let refused = try #require(try await documents([url] + place).first)
        let insecure = try #require(try await documents([url, "-k"] + place).first)
        try await fleet.shutdown()
        #expect(refused["error"] as? String == "tlsCertificateInvalid" && refused["tls"] is NSNull)
        #expect(refused["tlsFailure"] as? String == "unknownAuthority" && insecure["tlsFailure"] is NSNull)
        #expect(insecure["error"] is NSNull && insecure["insecure"] as? Bool == true)
    }

    @Test("A certificate for another name is reported")
    func aCertificateForAnotherName() async throws {
        let fleet = try await DownstreamFleet.start([scenario("pay") { $0.scheme = .https }], seed: 1)
        let endpoint = try fleet.endpoint("pay")
        let authority = try TemporaryFile(fleet.certificateAuthorityPEM)
        let trusted = ["--ca-file", authority.path, "--max-wait", "0", "-n", "0"]
        let right = try await documents([endpoint.url, "--dns-server", fleet.dnsAddress] + trusted).first
        let wrong = try await documents(
            ["https://bank.test:\(endpoint.port)/", "--resolve", "bank.test:\(endpoint.port):127.0.0.1"] + trusted
        ).first
        try await fleet.shutdown()
        #expect(right?["error"] is NSNull)
        #expect(wrong?["error"] as? String == "tlsCertificateInvalid" && wrong?["tlsFailure"] as? String == "wrongName")
    }

    @Test("An output that cannot be written is an error before the probe starts")
    func anOutputThatCannotBeWrittenIsSaidBeforeTheProbe() async throws {
        let plan = try ProbeOptions.parse(["http://127.0.0.1:9", "--output", "/no/such/folder/x"]).plan()
        await #expect(throws: CommandLineError.self) {
            try await ProbeRun(plan: plan, makeSignals: { EndSignals(AsyncStream { _ in }) }).execute()
        }
    }
}
