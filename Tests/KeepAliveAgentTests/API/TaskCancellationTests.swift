import Downstream
import KeepAliveAgent
import Testing

@Suite("Task cancellation", .timeLimit(.minutes(5)))
struct TaskCancellationTests {
    @Test("A task that was already cancelled leaves no record")
    func before() async throws {
        try await APIWorld.run { world in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await world.get()
            }
            task.cancel()
            #expect(await cause { _ = try await task.value } == .cancelled)
            let totals = await world.agent.snapshot().totals
            #expect(totals.requests.started == 0)
            #expect(totals.connections.dials == 0)
        }
    }

    @Test("Cancelling opens no connection for a queued request, and closes the connection of a written one")
    func queuedAndWritten() async throws {
        var settings = AgentSettings()
        settings.maxSocketsPerHost = 1
        try await APIWorld.run(settings: settings) { world in
            let first = Task { try await world.get("/delay/60s") }
            try await world.waitFor("the first is on its way") { $0.totals.requests.inFlight == 1 }
            let second = Task { try await world.get() }
            try await world.waitFor("the second waits") { $0.totals.requests.queued == 1 }
            second.cancel()
            let queued = await failure { _ = try await second.value }
            #expect(queued?.cause == .cancelled && queued?.phase == .queued)
            let origin = await world.agent.snapshot().hosts.first?.origin
            #expect(origin != nil && queued?.origin == origin)
            var totals = await world.agent.snapshot().totals
            #expect(totals.requests.cancelled == 1)
            #expect(totals.connections.dials == 1)
            first.cancel()
            let written = await failure { _ = try await first.value }
            #expect(written?.cause == .cancelled && written?.phase == .awaitingHead && written?.origin == origin)
            totals = await world.agent.snapshot().totals
            #expect(totals.connections.closedByReason[.requestCancelled] == 1)
            #expect(totals.requests.cancelled == 2)
            #expect(try await world.get().code == 200)
        }
    }

    @Test("A task can be cancelled in the middle of a body")
    func midBody() async throws {
        try await APIWorld.run { world in
            let reader = Task {
                for try await _ in try await world.get("/slow-body/2/60s").body {}
            }
            try await world.waitFor("the body is being read", sockets: true) {
                $0.hosts.first?.sockets?.first?.state == .readingBody
            }
            reader.cancel()
            let error = await failure { try await reader.value }
            #expect(error?.cause == .cancelled && error?.phase == .readingBody)
            let totals = await world.agent.snapshot().totals
            #expect(totals.connections.closedByReason[.requestCancelled] == 1)
        }
    }

    @Test("In a storm of cancellations every request ends once and no connection is lost")
    func storm() async throws {
        var settings = AgentSettings()
        settings.maxSocketsPerHost = 4
        try await APIWorld.run(settings: settings) { world in
            await withTaskGroup { group in
                for index in 0..<300 {
                    group.addTask {
                        let task = Task { try await world.get("/bytes/3000").collect(upTo: 4000) }
                        for _ in 0..<(index % 7) { await Task.yield() }
                        if index % 3 != 0 { task.cancel() }
                        let failure = await cause { _ = try await task.value }
                        if let failure, failure != .cancelled { Issue.record("\(failure)") }
                    }
                }
            }
            let totals = try await world.waitFor("all is quiet") { $0.totals.connections.active == 0 }.totals
            #expect(totals.requests.started == totals.requests.succeeded + totals.requests.cancelled)
            #expect(totals.requests.succeeded >= 100)
            #expect(totals.connections.open <= 4)
        }
    }
}
