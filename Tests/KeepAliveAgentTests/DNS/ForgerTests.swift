import DNSWire
import KeepAliveAgent
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// A short run of what `Benchmarks/Forger` does for a minute.
@Suite("DNS: a flood of forged answers", .ordinarySpeed("the flood keeps a slow resolver from its true answers"))
struct ForgerTests {
    @Test("No answer is believed in which a single thing is wrong, and the true ones still come")
    func noneIsBelieved() async throws {
        let forger = try DNSForger(delay: .milliseconds(50), mayHitOthers: false)
        var configuration = ResolverConfiguration()
        configuration.servers = [forger.server]
        configuration.queriesIPv6 = false
        let resolver = try await ResolverOnLoop(MultiThreadedEventLoopGroup.singleton.next(), configuration)
        forger.start(perSecond: 10_000)
        var lookups = 0
        while lookups < 200 || forger.sent < 3000 {
            await withTaskGroup(of: ResolutionOutcome.self) { tasks in
                for number in lookups..<lookups + 20 { tasks.addTask { await resolver.resolve("n\(number).test") } }
                for await outcome in tasks {
                    #expect(outcome == .addresses([DNSForger.truth], ttlSeconds: 3600, source: .dns))
                }
            }
            lookups += 20
        }
        forger.stop()
        let seen = await resolver.read { $0.strayDatagrams + $0.ignoredEvents }
        #expect(seen > 100, "the flood has reached the resolver")
        for flaw in DNSForger.Flaw.allCases { #expect(forger.sent(flaw) > 100, "wrong \(flaw)") }
        await resolver.close()
    }
}
