import AgentCore
import KeepAliveAgent
import NIOCore
import PoolModel
import SessionConfig
import Traffic

/// The agent and the generator of one event loop. Confined to the loop.
final class Worker {
    let agent: LoopAgent
    let generator: Generator
    private var loadFactor = 1.0
    private var repeats: [RepeatedTask] = []
    private let baseRate: Double?
    private let planShare: PlanShare?
    private let hosts: [TrafficHost]
    /// Each host's complete own settings, so that changing one of them keeps the others.
    private var overrides: [SettingOverrides]
    /// The snapshot at the end of the warm-up; nil until then.
    private(set) var measuringStart: AgentSnapshot?

    init(_ prepared: PreparedTraffic, index: Int, of count: Int, eventLoop: any EventLoop) {
        let share = Share(index: index, of: count)
        agent = LoopAgent(
            eventLoop: eventLoop, settings: prepared.settings(for: share), dns: prepared.dns,
            seed: Self.agentSeed(prepared.plan, index: index))
        generator = Generator(
            agent: agent, targets: prepared.targets(for: agent, share), shape: prepared.shape(for: share),
            seed: prepared.plan.seed &+ UInt64(index), share: prepared.plan.share)
        baseRate = prepared.plan.load.targetPerSecond(at: .zero)
        planShare = prepared.plan.share
        hosts = prepared.hosts
        overrides = prepared.hosts.map(\.overrides)
    }

    /// The parts of a shared plan draw the same load, but not the same pauses before they dial a server again.
    private static func agentSeed(_ plan: SessionPlan, index: Int) -> UInt64 {
        plan.seed &+ UInt64(index) &+ UInt64(plan.share?.part ?? 0) << 32
    }

    func begin(_ plan: SessionPlan, index: Int, of count: Int) {
        let share = Share(index: index, of: count)
        let warmUp = plan.load.warmUp
        if warmUp > .zero {
            // Scheduled before the generator's own timers, so that a request planned for this very moment is measured.
            let end = NIODeadline(agent.now + warmUp.clampedNanoseconds)
            _ = agent.eventLoop.assumeIsolated().scheduleTask(deadline: end) { [self] in _ = beginMeasuring() }
        }
        generator.start(
            duration: plan.load.totalDuration, requests: plan.load.requests.map { share.part(of: $0) },
            warmUp: warmUp)
        for timed in plan.changes { schedule(timed, plan, share) }
    }

    private func schedule(_ timed: TimedChange, _ plan: SessionPlan, _ share: Share) {
        let host = timed.host.flatMap { name in hosts.firstIndex { $0.isNamed(name) } }
        if let name = timed.host, host == nil { preconditionFailure("the plan has no host '\(name)'") }
        switch timed.when {
        case .at(let time):
            _ = agent.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(time.clampedNanoseconds)) { [self] in
                apply(timed.change, host: host, share: share)
            }
        case .every(let time):
            let worker = NIOLoopBound(self, eventLoop: agent.eventLoop)
            let amount = TimeAmount.nanoseconds(time.clampedNanoseconds)
            repeats.append(
                agent.eventLoop.scheduleRepeatedTask(initialDelay: amount, delay: amount) { _ in
                    worker.value.apply(timed.change, host: host, share: share)
                })
        }
    }

    func apply(_ change: SettingChange, host: Int?, share: Share) {
        switch change {
        case .set(.keepAlive, .keepAlive(let policy)):
            agent.send(.keepAliveSet(policy, host: host.map { HostID($0) }))
        case .toggleKeepAlive:
            let isOn =
                host.map { agent.machine.keepAlive(of: HostID($0)).isOn } ?? agent.machine.settings.keepAlive.isOn
            agent.send(.keepAliveSet(isOn ? .off : .on, host: host.map { HostID($0) }))
        case .set(let setting, let value):
            if let host {
                overrides[host][setting] = value
                return agent.send(.hostAdjusted(HostID(host), overrides[host].adjustment(for: share)))
            }
            var settings = agent.machine.settings
            setting.set(value, in: &settings)
            share.divide(&settings, only: setting)
            agent.send(.settingsChanged(settings))
        case .toggleDNSCache:
            var settings = agent.machine.settings
            settings.dnsCache.toggle()
            agent.send(.settingsChanged(settings))
        case .rate(let perSecond):
            if let baseRate, baseRate > 0 { generator.setFactor(perSecond / baseRate) }
        case .concurrency(let count):
            generator.setConcurrency(share.part(of: planShare?.part(of: count) ?? count))
        }
    }

    /// Starts measuring and returns the snapshot at the end of the warm-up. Taken in the same instant in which requests
    /// begin to count, so that exactly the requested number is measured.
    func beginMeasuring() -> AgentSnapshot {
        if let measuringStart { return measuringStart }
        let snapshot = snapshot(socketsFor: [])
        measuringStart = snapshot
        generator.beginMeasuring()
        return snapshot
    }

    func multiplyLoad(by factor: Double) {
        loadFactor = min(max(loadFactor * factor, 1.0 / 1024), 1024)
        generator.setFactor(loadFactor)
    }

    func shutdown() {
        for task in repeats { task.cancel() }
        generator.stop()
        agent.shutdown()
    }

    func snapshot(socketsFor: Set<Int>) -> AgentSnapshot {
        // The CPU time of its own thread, so that downstreams in the same process do not count.
        var snapshot = agent.snapshot(
            wallClock: ProcessSnapshot.wallClock, socketsFor: socketsFor,
            process: ProcessSnapshot(agentCPUSeconds: ProcessSnapshot.threadCPUSeconds))
        snapshot.load = generator.snapshot()
        return snapshot
    }
}

extension Share {
    /// Divides limits that apply over all loops; time limits and switches are the same on every loop.
    func divide(_ settings: inout AgentSettings, only setting: AgentSetting? = nil) {
        for candidate in AgentSetting.allCases where setting == nil || setting == candidate {
            guard case .count(let whole?) = candidate.value(in: settings) else { continue }
            switch candidate.sharing {
            case .none: break
            case .atLeastOne: candidate.set(.count(part(of: whole)), in: &settings)
            case .exact: candidate.set(.count(exactPart(of: whole)), in: &settings)
            }
        }
    }
}
