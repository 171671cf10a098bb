import DNSWire
import KeepAliveAgent
import NIOCore
import NIOPosix
import PoolModel
import TestSupport

/// `forger [SECONDS] [PACKETS_PER_SECOND]`: floods the library's resolver with forged answers while the true ones take
/// 100 ms each, and counts what it believed. 60 seconds at 50,000 packets a second where nothing else is said; the status
/// is 1 where a single forgery was believed.
///
/// `DNSForger` says what the forger knows. Everything happens on loopback.
@main
struct Forger {
    private static let inFlight = 64

    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst().map { Int($0) }
        guard numbers.count <= 2, numbers.allSatisfy({ $0 ?? 0 > 0 }) else {
            print("usage: forger [SECONDS] [PACKETS_PER_SECOND]")
            return
        }
        let seconds = numbers.first.flatMap { $0 } ?? 60
        let rate = numbers.count == 2 ? numbers[1] ?? 50_000 : 50_000
        let forger = try DNSForger(delay: .milliseconds(100), mayHitOthers: true)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let victim = try await Victim.make(on: group.next(), server: forger.server)
        let begun = ContinuousClock.now
        forger.start(perSecond: rate)
        let tally = await withTaskGroup(of: Tally.self) { tasks in
            for task in 0..<inFlight {
                tasks.addTask { await lookUp(task, on: victim, until: begun + .seconds(seconds)) }
            }
            var sum = Tally()
            for await tally in tasks { sum.add(tally) }
            return sum
        }
        forger.stop()
        let elapsed = begun.duration(to: .now)
        await report(
            forger, tally, await victim.dropped(),
            Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
        await victim.close()
        try await group.shutdownGracefully()
        if tally.believed > 0 { throw ForgeriesBelieved(count: tally.believed) }
    }

    private struct ForgeriesBelieved: Error { var count: Int }

    private static func lookUp(_ task: Int, on victim: Victim, until end: ContinuousClock.Instant) async -> Tally {
        var tally = Tally()
        var number = 0
        while ContinuousClock.now < end {
            number += 1
            tally.note(await victim.resolve("n\(number).t\(task).forged.test"))
        }
        return tally
    }

    private static func report(
        _ forger: DNSForger, _ tally: Tally, _ dropped: (strays: Int, ignored: Int), _ seconds: Double
    ) async {
        print("\(forger.sent) forged answers in \(Int(seconds)) s, \(Int(Double(forger.sent) / seconds)) a second:")
        for flaw in DNSForger.Flaw.allCases { print("  wrong \(flaw): \(forger.sent(flaw))") }
        print("\(dropped.strays + dropped.ignored) of them came as far as the resolver, the kernel dropped the others")
        print(
            "\(tally.lookups) lookups: \(tally.true) true answers, \(tally.failed) failures, \(tally.believed) forgeries believed"
        )
    }
}

struct Tally: Sendable {
    var lookups = 0
    var `true` = 0
    var failed = 0
    var believed = 0

    mutating func note(_ outcome: ResolutionOutcome) {
        lookups += 1
        switch outcome {
        case .addresses([DNSForger.truth], _, _): `true` += 1
        case .addresses: believed += 1
        case .notFound, .timeout, .serverFailure: failed += 1
        }
    }

    mutating func add(_ other: Tally) {
        lookups += other.lookups
        `true` += other.true
        failed += other.failed
        believed += other.believed
    }
}

/// The resolver under attack, on its loop.
struct Victim: Sendable {
    private let bound: NIOLoopBound<StubResolver>

    static func make(on loop: any EventLoop, server: DNSServerAddress) async throws -> Victim {
        try await loop.submit {
            var configuration = ResolverConfiguration()
            configuration.servers = [server]
            configuration.queriesIPv6 = false
            return Victim(
                bound: NIOLoopBound(StubResolver(eventLoop: loop, configuration: configuration), eventLoop: loop))
        }.get()
    }

    func resolve(_ name: String) async -> ResolutionOutcome {
        await withCheckedContinuation { continuation in
            bound.eventLoop.execute {
                bound.value.resolve(name, timeout: .seconds(10)) { continuation.resume(returning: $0) }
            }
        }
    }

    func dropped() async -> (strays: Int, ignored: Int) {
        await withCheckedContinuation { continuation in
            bound.eventLoop.execute {
                continuation.resume(returning: (bound.value.strayDatagrams, bound.value.ignoredEvents))
            }
        }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            bound.eventLoop.execute {
                bound.value.close()
                continuation.resume()
            }
        }
    }
}
