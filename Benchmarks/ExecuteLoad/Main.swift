import HTTPTypes
import KeepAliveAgent
import NIOPosix
import Synchronization

/// `execute-load URL REQUESTS CONCURRENCY`: that many GETs over `HTTPAgent.execute`, one event loop, as many tasks as
/// requests in flight, each body collected. Prints how many had a whole response with status 200.
///
/// The counterpart of `peers/ahc`, line by line, so that the two can be compared.
@main
struct ExecuteLoad {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let requests = Int(arguments[2]), let concurrency = Int(arguments[3]),
            let request = request(to: arguments[1])
        else {
            print("usage: execute-load http://HOST:PORT/PATH REQUESTS CONCURRENCY")
            return
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        print(try await successes(requests, of: request, concurrency: concurrency, on: group))
        try await group.shutdownGracefully()
    }

    /// In a function of its own: the agent has to be gone before its event loop is.
    private static func successes(
        _ requests: Int, of request: HTTPRequest, concurrency: Int, on group: MultiThreadedEventLoopGroup
    ) async throws -> Int {
        var settings = AgentSettings()
        settings.maxSocketsPerHost = concurrency
        settings.maxTotalSockets = concurrency
        settings.maxFreeSocketsPerHost = concurrency
        let agent = HTTPAgent(settings: settings, group: group)
        let tally = Tally(requests: requests)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<concurrency {
                tasks.addTask {
                    while tally.take() {
                        let response = try await agent.execute(request)
                        _ = try await response.collect(upTo: 1 << 20)
                        if response.code == 200 { tally.noteSuccess() }
                    }
                }
            }
            try await tasks.waitForAll()
        }
        await agent.close()
        return tally.successes
    }

    private static func request(to url: String) -> HTTPRequest? {
        let prefix = "http://"
        guard url.hasPrefix(prefix) else { return nil }
        let rest = url.dropFirst(prefix.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let path = rest[slash...]
        return HTTPRequest(
            method: .get, scheme: "http", authority: String(rest[..<slash]), path: path.isEmpty ? "/" : String(path))
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
