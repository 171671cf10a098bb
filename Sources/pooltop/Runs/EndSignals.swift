import Dispatch
import Glibc

/// SIGINT and SIGTERM as a stream, instead of their default action. SIGHUP too, so that a run still writes its report
/// when its terminal is closed; but one that was started with SIGHUP ignored (nohup) goes on, as everybody expects of it.
final class EndSignals {
    let stream: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        let ending = [SIGINT, SIGTERM] + (Self.ignoresHangups ? [] : [SIGHUP])
        sources = ending.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    /// Read once, because watching a signal ignores it.
    private static let ignoresHangups = {
        var action = sigaction()
        guard sigaction(SIGHUP, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }()

    /// Forwards signals from another source; the process's own signal handling is unchanged.
    init(_ stream: AsyncStream<Int32>) {
        self.stream = stream
        sources = []
    }

    deinit { for source in sources { source.cancel() } }
}
