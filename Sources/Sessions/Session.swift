package import AgentCore
import DNSWire
package import Downstream
package import FoundationEssentials
import KeepAliveAgent
import NIOCore
import NIOPosix
package import PoolModel
package import SessionConfig
import Traffic

/// Traffic through an agent according to a plan; both `run` and the screen are built on it.
///
/// There is one worker per event loop, each with its own agent and generator and its share of the limits. If the plan
/// names no targets, the bundled downstreams run on an event loop of their own.
package final class Session: Sendable {
    package let plan: SessionPlan
    /// nil if the plan names targets.
    package let fleet: DownstreamFleet?
    package let startedAt = Date()
    /// In the order of `HostSnapshot.id`; used to resolve `@HOST`.
    private let hosts: [TrafficHost]
    private let workers: [NIOLoopBound<Worker>]
    private let group: MultiThreadedEventLoopGroup

    private init(
        plan: SessionPlan, fleet: DownstreamFleet?, hosts: [TrafficHost], workers: [NIOLoopBound<Worker>],
        group: MultiThreadedEventLoopGroup
    ) {
        self.plan = plan
        self.fleet = fleet
        self.hosts = hosts
        self.workers = workers
        self.group = group
    }

    /// Starts the downstreams if they are needed and creates the agents; no traffic is sent yet. `scenarios`: the
    /// downstreams to start; nil for all of the plan's set.
    package static func make(_ plan: SessionPlan, scenarios: [Scenario]? = nil) async throws -> Session {
        try ProcessFigures.requireDescriptors(loops: plan.usefulLoops)
        let (fleet, prepared) = try await PreparedTraffic.withDownstreams(plan, scenarios: scenarios)
        let loops = plan.usefulLoops
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        var workers: [NIOLoopBound<Worker>] = []
        for (index, loop) in group.makeIterator().enumerated() {
            let worker = try await loop.submit {
                NIOLoopBound(Worker(prepared, index: index, of: loops, eventLoop: loop), eventLoop: loop)
            }.get()
            workers.append(worker)
        }
        return Session(plan: plan, fleet: fleet, hosts: prepared.hosts, workers: workers, group: group)
    }

    // MARK: Traffic

    /// Starts the load and the timed changes.
    package func begin() async throws {
        for (index, worker) in workers.enumerated() {
            try await worker.eventLoop.submit { [plan, count = workers.count] in
                worker.value.begin(plan, index: index, of: count)
            }.get()
        }
    }

    /// Returns when every planned request has ended.
    package func trafficEnded() async throws {
        for worker in workers { try await worker.eventLoop.flatSubmit { worker.value.generator.done }.get() }
    }

    /// Plans no further request.
    package func stopTraffic() {
        for worker in workers { worker.eventLoop.execute { worker.value.generator.stop() } }
    }

    /// Stops this process by calling `stop`, with the load suspended meanwhile. For the main thread.
    package func stopped(by stop: () -> Void) {
        do {
            try blocking { [workers] in
                for worker in workers { try await worker.eventLoop.submit { worker.value.generator.suspend() }.get() }
            }
        } catch {
            // A loop that has ended has no load to suspend.
        }
        stop()
        for worker in workers { worker.eventLoop.execute { worker.value.generator.resume() } }
    }

    /// Ends the requests that are still in flight after the end of the load.
    package func giveUpRequests() async throws {
        for worker in workers { try await worker.eventLoop.submit { worker.value.agent.giveUpRequests() }.get() }
    }

    package func shutdown() async throws {
        for worker in workers { try await worker.eventLoop.submit { worker.value.shutdown() }.get() }
        try await group.shutdownGracefully()
        try await fleet?.shutdown()
    }

    // MARK: Changes

    /// Changes one setting for all hosts or for one (`HostSnapshot.id`).
    package func apply(_ change: SettingChange, host: Int? = nil) {
        for (index, worker) in workers.enumerated() {
            worker.eventLoop.execute { [count = workers.count] in
                worker.value.apply(change, host: host, share: Share(index: index, of: count))
            }
        }
    }

    package func multiplyLoad(by factor: Double) {
        for worker in workers { worker.eventLoop.execute { worker.value.multiplyLoad(by: factor) } }
    }

    package func report(_ event: AgentEvent) {
        for worker in workers { worker.eventLoop.execute { worker.value.agent.send(event) } }
    }

    /// The host with this target name, authority or origin.
    package func host(named name: String) -> Int? { hosts.firstIndex { $0.isNamed(name) } }

    package func hostName(_ host: Int) -> String? { hosts.indices.contains(host) ? hosts[host].description.name : nil }

    /// Records a user's change outside the agent as a mark on every chart.
    package func mark(_ change: ProgramNotice.Content, host: Int? = nil) {
        report(.markMade(ProgramNotice(change), host: host.map { HostID($0) }))
    }

    // MARK: Figures

    /// The merged snapshot of all workers. `socketsFor`: the hosts whose connections are listed in it.
    package func snapshot(socketsFor: Set<Int> = []) async throws -> AgentSnapshot {
        var parts: [AgentSnapshot] = []
        for worker in workers {
            parts.append(
                try await worker.eventLoop.submit { worker.value.snapshot(socketsFor: socketsFor) }.get())
        }
        return Self.merged(parts)
    }

    /// The snapshot at the end of the warm-up. If `isDue`, or if a worker has begun to measure, measuring begins now at the
    /// latest; otherwise the result is nil.
    package func measuringStart(isDue: Bool) async throws -> AgentSnapshot? {
        var isDue = isDue
        for worker in workers where !isDue {
            isDue = try await worker.eventLoop.submit { worker.value.measuringStart != nil }.get()
        }
        guard isDue else { return nil }
        var parts: [AgentSnapshot] = []
        for worker in workers {
            parts.append(try await worker.eventLoop.submit { worker.value.beginMeasuring() }.get())
        }
        return Self.merged(parts)
    }

    /// Every output of the program is based on this snapshot, so secrets are removed here.
    private static func merged(_ parts: [AgentSnapshot]) -> AgentSnapshot {
        guard var merged = AgentSnapshot.merged(parts) else { preconditionFailure("a session has a worker") }
        let agentCPUSeconds = merged.process.agentCPUSeconds
        merged.process = ProcessFigures.now(agentCPUSeconds: agentCPUSeconds)
        return merged.withoutSecrets()
    }
}

/// One loop's share of a total.
package struct Share: Sendable {
    package var index: Int
    package var of: Int

    package init(index: Int, of count: Int) {
        self.index = index
        of = count
    }

    /// The shares of all loops add up to the total. None is zero unless the total is, so a total below the number of
    /// loops counts as that number.
    package func part(of whole: Int) -> Int { max(min(whole, 1), exactPart(of: whole)) }

    /// The shares of all loops add up to the total; some are zero if it is below the number of loops.
    func exactPart(of whole: Int) -> Int { whole == .max ? .max : whole / of + (index < whole % of ? 1 : 0) }
}
