import HTTP1
import PoolModel

/// Counts how many requests one connection carries. A limit is confirmed when two connections end at the same number.
struct RequestRuns: Sendable {
    let prober: Prober

    struct Outcome: Sendable {
        var runs: [ProbeObservations.Run] = []
        /// The times to the first byte of all responses except the first on each connection.
        var firstBytes: [Double] = []
    }

    private static let most = 4
    /// Large bodies reveal nothing more about the connection.
    private static let byteLimit = 64 << 20

    /// A reused connection that gives no answer for this long is taken for dead.
    let answerLimit: Duration

    func run(until end: ContinuousClock.Instant) async -> Outcome {
        var outcome = Outcome()
        for number in 0..<Self.most where !Task.isCancelled && !RequestFinding.isSettled(by: outcome.runs) {
            let attempt = await prober.open(number)
            guard let connection = attempt.connection, attempt.isReusable, let first = attempt.response else {
                attempt.connection?.close()
                continue
            }
            let start = ContinuousClock.now
            var run = await count(on: connection, bytes: first.bytes, until: end, &outcome.firstBytes)
            run.seconds = (ContinuousClock.now - start).asSeconds
            connection.close()
            outcome.runs.append(run)
        }
        return outcome
    }

    /// Counts from one, because the connection has already carried one exchange.
    private func count(
        on connection: ProbeConnection, bytes: Int, until end: ContinuousClock.Instant, _ firstBytes: inout [Double]
    ) async -> ProbeObservations.Run {
        var responses = 1
        var bytes = bytes
        while responses < prober.requestBound {
            if bytes > Self.byteLimit || ContinuousClock.now >= end || Task.isCancelled {
                return ProbeObservations.Run(responses: responses, end: .cutShort)
            }
            prober.report(.counting(responses, of: prober.requestBound))
            switch await connection.exchange(ProbeRequest(prober.request), limit: answerLimit) {
            case .success(let response):
                responses += 1
                bytes += response.bytes
                firstBytes.append(response.firstByteSeconds)
                guard response.persistence == .reusable else {
                    let close = await connection.end(within: Prober.closeLimit)?.close
                    return ProbeObservations.Run(responses: responses, end: .announced, close: close)
                }
            case .failure(let failure):
                return ProbeObservations.Run(
                    responses: responses, end: Self.end(after: failure), close: failure.close)
            }
        }
        return ProbeObservations.Run(responses: responses, end: .bound)
    }

    /// The end of a run after a response that was lost for a reason other than a limit.
    static func end(after failure: ProbeFailure) -> ProbeObservations.Run.End {
        if failure.cause == .cancelled { return .cutShort }
        if let close = failure.close, !failure.sawByte { return .closed(close) }
        return .failed(failure.cause)
    }
}
