import AsyncHTTPClient
import NIOPosix
import Synchronization

/// `ahc-load URL REQUESTS CONCURRENCY`: that many GETs over AsyncHTTPClient's async API, one event loop, as many tasks as
/// requests in flight, each body collected. Says on its last line how many had a whole response with status 200.
@main
struct Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let requests = Int(arguments[2]), let concurrency = Int(arguments[3]) else {
            print("usage: ahc-load URL REQUESTS CONCURRENCY")
            return
        }
        let url = arguments[1]
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = concurrency
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        let tally = Tally(requests: requests)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<concurrency {
                tasks.addTask {
                    let request = HTTPClientRequest(url: url)
                    while tally.take() {
                        let response = try await client.execute(request, timeout: .seconds(30))
                        _ = try await response.body.collect(upTo: 1 << 20)
                        if response.status == .ok { tally.noteSuccess() }
                    }
                }
            }
            try await tasks.waitForAll()
        }
        try await client.shutdown()
        try await group.shutdownGracefully()
        print(tally.successes)
    }
}

/// The remaining and the successful requests, for all tasks together.
private final class Tally: Sendable {
    private let left: Atomic<Int>
    private let succeeded = Atomic(0)

    init(requests: Int) { left = Atomic(requests) }

    /// False once all requests were taken.
    func take() -> Bool { left.subtract(1, ordering: .relaxed).oldValue > 0 }
    func noteSuccess() { succeeded.add(1, ordering: .relaxed) }
    var successes: Int { succeeded.load(ordering: .relaxed) }
}
