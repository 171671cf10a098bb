import AgentCore
import KeepAliveAgent
import NIOCore
import Traffic

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One event loop's agent and generator. Confined to the loop.
final class Lane {
    let agent: LoopAgent
    let generator: Generator
    private var loadFactor = 1.0
    private var repeats: [RepeatedTask] = []
    private let baseRate: Double?

    init(_ blueprint: TrafficBlueprint, index: Int, of count: Int, eventLoop: any EventLoop) throws {
        let share = Share(index: index, of: count)
        agent = LoopAgent(
            eventLoop: eventLoop, settings: blueprint.settings(for: share), dns: blueprint.dns,
            seed: blueprint.plan.seed &+ UInt64(index))
        generator = Generator(
            agent: agent, targets: try blueprint.targets(for: agent), shape: blueprint.shape(for: share),
            seed: blueprint.plan.seed &+ UInt64(index))
        baseRate = blueprint.plan.load.targetPerSecond(at: .zero)
    }

    func begin(_ plan: SessionPlan, index: Int, of count: Int) {
        let share = Share(index: index, of: count)
        generator.start(
            duration: plan.load.totalDuration, requests: plan.load.requests.map { share.part(of: $0) })
        for timed in plan.changes { schedule(timed, plan, share) }
    }

    private func schedule(_ timed: TimedChange, _ plan: SessionPlan, _ share: Share) {
        let host = timed.host.flatMap { name in
            agent.machine.hosts.firstIndex { $0.description.name == name || $0.description.origin.hasSuffix(name) }
        }
        if timed.host != nil, host == nil { return }
        switch timed.when {
        case .at(let time):
            _ = agent.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(time.clampedNanoseconds)) { [self] in
                apply(timed.change, host: host, share: share)
            }
        case .every(let time):
            let lane = NIOLoopBound(self, eventLoop: agent.eventLoop)
            let amount = TimeAmount.nanoseconds(time.clampedNanoseconds)
            repeats.append(
                agent.eventLoop.scheduleRepeatedTask(initialDelay: amount, delay: amount) { _ in
                    lane.value.apply(timed.change, host: host, share: share)
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
        case .set, .toggleDNSCache:
            if let host {
                agent.send(.hostAdjusted(HostID(host), { settings in change.apply(to: &settings) }))
            } else {
                var settings = agent.machine.settings
                change.apply(to: &settings)
                if case .set(let setting, let value) = change {
                    setting.set(value, in: &settings)
                    share.divide(&settings, only: setting)
                }
                agent.send(.settingsChanged(settings))
            }
        case .rate(let perSecond):
            if let baseRate, baseRate > 0 { generator.setFactor(perSecond / baseRate) }
        case .concurrency(let count):
            generator.setConcurrency(share.part(of: count))
        }
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
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let wallClock = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        var snapshot = agent.snapshot(
            wallClock: wallClock, socketsFor: socketsFor,
            process: ProcessFigures.agentThread())
        snapshot.load = generator.snapshot()
        return snapshot
    }
}

extension Share {
    /// Gives limits over all loops their part; time limits and switches are the same on every loop.
    func divide(_ settings: inout AgentSettings, only setting: AgentSetting? = nil) {
        func concerns(_ candidate: AgentSetting) -> Bool { setting == nil || setting == candidate }
        if concerns(.maxSockets) { settings.maxSocketsPerHost = part(of: settings.maxSocketsPerHost) }
        if concerns(.maxTotalSockets) { settings.maxTotalSockets = part(of: settings.maxTotalSockets) }
        if concerns(.maxFreeSockets) { settings.maxFreeSocketsPerHost = part(of: settings.maxFreeSocketsPerHost) }
        if concerns(.queueLimit) { settings.queueLimit = part(of: settings.queueLimit) }
    }
}
