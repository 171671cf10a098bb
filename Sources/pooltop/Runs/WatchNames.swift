import DNSWire
import NIOConcurrencyHelpers
import PoolModel
import SessionConfig
import WatchCore

/// Keeps the names of addresses known while processes are watched: those that a person asked for, again whenever an answer
/// is too old, and those that the DNS has for addresses that are seen.
final class WatchNames: Sendable {
    /// Takes names of addresses; port 0 means every port.
    typealias Learn = @Sendable ([WatchCore.Endpoint: String]) -> Void

    private static let pauses = 1.0...300.0
    /// Before a name is looked up again that was not found.
    private static let retryPause = 30.0
    /// The longest time that anybody waits for the first answers.
    private static let patience = Duration.seconds(2)

    private let lookups: NameLookups
    private let learn: Learn
    private let forget: @Sendable ([WatchCore.Endpoint]) -> Void
    private let tell: @Sendable (String) -> Void
    private let tasks = NIOLockedValueBox<[Task<Void, Never>]>([])

    /// - Parameters:
    ///   - learn: told of every answer.
    ///   - forget: told of addresses that are in an answer no more.
    ///   - tell: told once of each name that is not found.
    /// - Throws: why no event loop can be had.
    init(
        learn: @escaping Learn, forget: @escaping @Sendable ([WatchCore.Endpoint]) -> Void,
        tell: @escaping @Sendable (String) -> Void
    ) async throws {
        lookups = try await NameLookups()
        self.learn = learn
        self.forget = forget
        self.tell = tell
    }

    /// Looks names up from now on. Returns when each was answered once, or after a short time.
    func begin(_ names: [WatchedName]) async {
        let (answers, continuation) = AsyncStream.makeStream(of: Void.self)
        let patience = RunTimers.after(Self.patience) { continuation.finish() }
        defer { patience.cancel() }
        let begun = names.map { name in Task { await keepKnown(name) { continuation.yield() } } }
        tasks.withLockedValue { $0 += begun }
        var missing = names.count
        if missing == 0 { return }
        for await _ in answers {
            missing -= 1
            if missing == 0 { return }
        }
    }

    func shutdown() async throws {
        for task in tasks.withLockedValue({ $0 }) { task.cancel() }
        try await lookups.shutdown()
    }

    private func keepKnown(_ name: WatchedName, whenAnswered: () -> Void) async {
        var isFirst = true
        var latest: Set<WatchCore.Endpoint> = []
        while !Task.isCancelled {
            let pause: Double
            do {
                pause = take(try await lookups.outcome(of: name.name), of: name, isFirst: isFirst, latest: &latest)
            } catch {
                // The loop has ended, and with it the need for names.
                return
            }
            if isFirst { whenAnswered() }
            isFirst = false
            do { try await Task.sleep(for: .seconds(pause)) } catch { return }
        }
    }

    /// The seconds until the next lookup.
    private func take(
        _ outcome: ResolutionOutcome, of name: WatchedName, isFirst: Bool, latest: inout Set<WatchCore.Endpoint>
    ) -> Double {
        switch outcome {
        case .addresses(let addresses, let ttlSeconds, _):
            let endpoints = addresses.map { WatchCore.Endpoint(address: $0, port: UInt16(clamping: name.port)) }
            let left = latest.subtracting(endpoints)
            if !left.isEmpty { forget(Array(left)) }
            latest = Set(endpoints)
            learn(Dictionary(endpoints.map { ($0, name.name) }) { first, _ in first })
            return min(max(Double(ttlSeconds), Self.pauses.lowerBound), Self.pauses.upperBound)
        case .notFound:
            if isFirst { tell("--name \(name.text): there is no such name") }
        case .timeout, .serverFailure:
            if isFirst { tell("--name \(name.text): no DNS server answers") }
        }
        return Self.retryPause
    }
}
