package import PoolModel

/// A deed that the agent, its load or its downstreams are asked for. The shell carries it out in one switch; a replay refuses
/// them all. The model never assumes that it worked: the next snapshot says so.
package enum AgentCommand: Hashable, Sendable {
    /// HTTP keep-alive, for all hosts or for one.
    case setKeepAlive(Bool, host: Int?)
    case setDNSCache(Bool)
    case flushDNS
    /// Multiplies the generator's rate, or its concurrency in a closed loop.
    case changeLoad(factor: Double)
    case closeIdle(host: Int?)
    case inject(DownstreamFault, host: Int)
    case changeSetting(SettingChangeWish)
    /// The model has begun to count from here; the shell may do the same for its own counters.
    case resetCounters
}

/// The meaning of a key that acts on the agent, its load or its downstreams.
enum AgentKeyAction: Hashable, Sendable {
    /// The same whatever the screen shows.
    case command(AgentCommand)
    /// These depend on the state that is shown, on the selected host, or on an answer.
    case keepAliveAll, keepAliveHost, dnsCache, closeIdle, fault, reset
}

extension Model {
    mutating func perform(_ act: AgentKeyAction) -> [UIEffect] {
        guard let snapshot = live.snapshot else {
            say("no data yet")
            return []
        }
        switch act {
        case .command(let command): return [.agent(command)]
        case .keepAliveAll: return [.agent(.setKeepAlive(!snapshot.keepAlive.isTrue, host: nil))]
        case .keepAliveHost:
            guard let host = live.host(selection) else { return noHost() }
            return [.agent(.setKeepAlive(!host.keepAlive.isTrue, host: host.id))]
        case .dnsCache: return [.agent(.setDNSCache(!snapshot.dnsCacheEnabled.isTrue))]
        case .closeIdle:
            guard let id = selection else { return noHost() }
            overlay = .closeIdle(host: id)
        case .fault:
            guard let id = selection else { return noHost() }
            overlay = .faults(host: id, selected: 0)
        case .reset: return reset()
        }
        return []
    }

    /// The effect of a key is seen in the next snapshot. A paused picture does not show it, so a line says it.
    mutating func sayingThatItActed(_ key: Key, _ effects: [UIEffect]) -> [UIEffect] {
        guard isPaused, !effects.isEmpty, case .character(let scalar) = key else { return effects }
        say("\(scalar) acted; the picture is paused: space shows what came of it")
        return effects
    }

    private mutating func noHost() -> [UIEffect] {
        say("no host is selected")
        return []
    }

    private mutating func reset() -> [UIEffect] {
        guard resetArmedUntil != nil else {
            resetArmedUntil = now + .seconds(3)
            say("R again resets the totals")
            return []
        }
        return resetNow()
    }

    mutating func resetNow() -> [UIEffect] {
        resetArmedUntil = nil
        live.resetCounters()
        say("totals reset")
        return [.agent(.resetCounters)]
    }
}
