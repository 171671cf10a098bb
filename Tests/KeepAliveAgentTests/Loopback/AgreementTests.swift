import Downstream
import KeepAliveAgent
import PoolModel
import TestSupport
import Testing
import Traffic

extension LoopbackTests {
    /// The servers' own counts bear witness against ours.
    @Suite(.ordinarySpeed("dials that take as long as that are raced by others, and DNS answers expire on the way"))
    struct AgreementTests {
        private static let mix: [(Ask, weight: Double)] = [
            (Ask("catalog"), 30), (Ask("search"), 20), (Ask("payments"), 10), (Ask("legacy"), 10), (Ask("ledger"), 10),
            (Ask("images"), 10), (Ask("flaky"), 10),
        ]

        @Test("The servers' counts equal the agent's", arguments: [true, false], [true, false])
        func theServersCountWhatWeCount(keepAlive: Bool, dnsCache: Bool) async throws {
            try await withRig(
                .bundled,
                { settings in
                    settings.keepAlive = keepAlive ? .on : .off
                    settings.dnsCache = dnsCache
                }
            ) { rig, fleet in
                // One host after the other first: what a process does once, such as reading the trusted certificates,
                // must not hold up a connect so long that another address is tried too.
                for (ask, _) in Self.mix { _ = try await rig.send(ask) }
                let shape = LoadShape.openLoop([.steady(250)], .poisson)
                try await rig.load(Self.mix, shape, duration: .milliseconds(600))
                while try await rig.on({ $0.books.count }) < 100 {
                    try await rig.load(Self.mix, shape, duration: .milliseconds(200))
                }
                try await expectAgreement(rig, fleet)
                let snapshot = try await rig.snapshot()
                let totals = snapshot.totals
                #expect(totals.requests.started == totals.requests.succeeded + totals.requests.failed)
                #expect(Set(snapshot.host("flaky").failures.keys).isSubset(of: [.incompleteBody, .peerReset]))
                for host in snapshot.hosts where host.name != "flaky" {
                    #expect(host.metrics.failures.isEmpty, "\(host.name)")
                    try await expectStatuses(host, fleet)
                }
                try expectReuse(snapshot, keepAlive: keepAlive)
                try await expectQueries(snapshot, fleet, dnsCache: dnsCache)
            }
        }

        private func expectStatuses(_ host: HostSnapshot, _ fleet: DownstreamFleet) async throws {
            let theirs = try await fleet.stats(host.name).statuses
            let ours = Dictionary(uniqueKeysWithValues: host.metrics.statuses.map { ("\($0.key)", $0.value) })
            #expect(ours == theirs, "\(host.name)")
        }

        private func expectReuse(_ snapshot: AgentSnapshot, keepAlive: Bool) throws {
            let reused = snapshot.hosts.filter { $0.metrics.requests.onReusedConnection > 0 }.map(\.name)
            #expect(reused == (keepAlive ? ["catalog", "search", "payments", "ledger", "images", "flaky"] : []))
            guard !keepAlive else { return }
            for host in snapshot.hosts where host.name != "legacy" && host.name != "flaky" {
                #expect(Set(host.metrics.closes.keys) == [.closeHeaderSent], "\(host.name)")
            }
        }

        private func expectQueries(_ snapshot: AgentSnapshot, _ fleet: DownstreamFleet, dnsCache: Bool) async throws {
            let stats = try await fleet.dnsStats()
            let dials = snapshot.totals.connections.dials
            #expect(snapshot.dns.lookups == dials)
            // One message for A and one for AAAA.
            for endpoint in fleet.endpoints {
                let queries = stats.queries(for: endpoint.hostName)
                guard dnsCache else {
                    #expect(queries == 2 * snapshot.host(endpoint.name).connections.dials, "\(endpoint.name)")
                    continue
                }
                // A machine that took longer than the record lives asked again before its end.
                let ttl = try #require([Scenario].bundled.first { $0.name == endpoint.name }).ttlSeconds
                let most = 2 * (1 + Int(snapshot.uptimeSeconds / (0.9 * Double(ttl))))
                #expect((2...most).contains(queries), "\(endpoint.name)")
            }
            if dnsCache {
                #expect(snapshot.dns.misses == 7 && snapshot.dns.hits + snapshot.dns.coalesced == dials - 7)
            } else {
                #expect(snapshot.dns.misses == dials && snapshot.dns.entries == 0)
            }
        }
    }
}
