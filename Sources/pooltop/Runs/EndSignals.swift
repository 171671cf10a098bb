import Dispatch
import Glibc

/// SIGINT and SIGTERM as a stream, instead of their default action. SIGHUP too, so that a run still writes its report
/// when its terminal is closed.
final class EndSignals {
    let stream: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    /// Forwards signals from another source; the process's own signal handling is unchanged.
    init(_ stream: AsyncStream<Int32>) {
        self.stream = stream
        sources = []
    }

    deinit { for source in sources { source.cancel() } }
}
