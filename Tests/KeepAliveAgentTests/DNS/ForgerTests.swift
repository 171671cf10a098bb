import DNSWire
import KeepAliveAgent
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// A short run of what `Benchmarks/Forger` does for a minute.
@Suite("DNS: a flood of forged answers", .ordinarySpeed("the flood keeps a slow resolver from its true answers"))
struct ForgerTests {
    @Test("No forged answer is accepted, and the genuine ones still arrive")
    func noneIsBelieved() async throws {
        let forger = try DNSForger(delay: .milliseconds(50), mayHitOthers: false)
        var configuration = ResolverConfiguration()
        configuration.servers = [forger.server]
        configuration.queriesIPv6 = false
        (configuration.timeoutSeconds, configuration.attempts) = (2, 5)
        let resolver = try await ResolverOnLoop(MultiThreadedEventLoopGroup.singleton.next(), configuration)
        forger.start(perSecond: 10_000)
        // A lookup whose true answer the flood has pushed out of the socket's buffer times out, as it should; it counts for
        // nothing.
        var lookups = 0, answered = 0
        while answered < 200 || forger.sent < 3000, lookups < 600 {
            await withTaskGroup(of: ResolutionOutcome.self) { tasks in
                for number in lookups..<lookups + 20 { tasks.addTask { await resolver.resolve("n\(number).test") } }
                for await outcome in tasks where outcome != .timeout {
                    #expect(outcome == .addresses([DNSForger.truth], ttlSeconds: 3600, source: .dns))
                    answered += 1
                }
            }
            lookups += 20
        }
        #expect(answered >= 200, "the true answers still come: \(answered) of \(lookups)")
        forger.stop()
        let seen = await resolver.read { $0.strayDatagrams + $0.ignoredEvents }
        #expect(seen > 100, "the flood has reached the resolver")
        for flaw in DNSForger.Flaw.allCases { #expect(forger.sent(flaw) > 100, "wrong \(flaw)") }
        await resolver.close()
    }
}
