import Dispatch
import Foundation

/// SIGINT and SIGTERM as a stream, instead of their default action. SIGHUP too: a run whose terminal is closed still
/// writes its report.
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

    /// Signals from elsewhere: those of the process stay as they are.
    init(_ stream: AsyncStream<Int32>) {
        self.stream = stream
        sources = []
    }

    deinit { for source in sources { source.cancel() } }
}
