import PoolModel
import Wording

/// How to take back one change that a person made.
struct Undo: Sendable {
    /// The change that it takes back, in words.
    var what: String
    var effects: [UIEffect]
}

/// A change of one setting of the agent, with what it was before.
package struct SettingChangeWish: Sendable, Hashable {
    package var name: String
    package var from: String
    package var to: String
    /// `HostSnapshot.id`; nil: all hosts.
    package var host: Int?

    package init(name: String, from: String, to: String, host: Int?) {
        self.name = name
        self.from = from
        self.to = to
        self.host = host
    }
}

extension Model {
    private static var mostUndos: Int { 32 }

    /// Keeps what would take the effects back, and what they make the settings.
    mutating func remembering(_ effects: [UIEffect]) -> [UIEffect] {
        for effect in effects {
            if !isUndoing, let undo = undo(of: effect) {
                undos.append(undo)
                if undos.count > Self.mostUndos { undos.removeFirst() }
            }
            note(effect)
        }
        isUndoing = false
        return effects
    }

    /// Keeps what the settings are now.
    private mutating func note(_ effect: UIEffect) {
        guard case .agent(let command) = effect else { return }
        switch command {
        case .changeSetting(let change): settings.set(change.name, change.to, host: change.host)
        case .setKeepAlive(let isOn, let host):
            settings.set("keepAlive", isOn ? "on" : "off", host: host)
            // All hosts: none has one of its own any more.
            if host == nil { settings.forgetOwn("keepAlive") }
            preferences.knowsKeepAlive = true
        case .setDNSCache(let isOn): settings.set("dnsCache", isOn ? "on" : "off", host: nil)
        case .changeLoad, .flushDNS, .closeIdle, .inject, .resetCounters: break
        }
    }

    /// Nil for what cannot be taken back, and for what changes nothing outside of the screen.
    private func undo(of effect: UIEffect) -> Undo? {
        guard case .agent(let command) = effect else { return nil }
        switch command {
        case .setKeepAlive(let isOn, let host): return undoKeepAlive(isOn, host)
        case .setDNSCache(let isOn):
            guard let before = live.snapshot?.dnsCacheEnabled.value, before != isOn else { return nil }
            return Undo(what: "DNS cache \(isOn ? "ON" : "OFF")", effects: [.agent(.setDNSCache(before))])
        case .changeLoad(let factor):
            guard factor > 0 else { return nil }
            return Undo(
                what: "load \u{00D7}\(Numbers.fixed(factor, 2))", effects: [.agent(.changeLoad(factor: 1 / factor))])
        case .inject(let fault, let host):
            guard fault.lasts else { return nil }
            return Undo(what: "\(hostName(host)): \(fault.label)", effects: [.agent(.inject(.heal, host: host))])
        case .changeSetting(let change):
            guard change.from != change.to, change.from != "?" else { return nil }
            let back = SettingChangeWish(name: change.name, from: change.to, to: change.from, host: change.host)
            return Undo(
                what: "\(change.name) \(change.to) for \(hostName(change.host))",
                effects: [.agent(.changeSetting(back))])
        case .flushDNS, .closeIdle, .resetCounters: return nil
        }
    }

    /// For all hosts it takes away what single hosts have of their own, which comes back with it.
    private func undoKeepAlive(_ isOn: Bool, _ host: Int?) -> Undo? {
        let before = host.map { live.host($0)?.keepAlive.value } ?? live.snapshot?.keepAlive.value
        guard let before else { return nil }
        var effects = [back(to: before, from: isOn, host)]
        if host == nil {
            let others = (live.snapshot?.hosts ?? []).filter { $0.keepAliveIsOwn && $0.keepAlive.value != before }
            effects += others.map { back(to: $0.keepAlive.isTrue, from: isOn, $0.id) }
        }
        if before == isOn, effects.count == 1 { return nil }
        return Undo(what: "HTTP keep-alive \(isOn ? "ON" : "OFF") for \(hostName(host))", effects: effects)
    }

    /// A number of exchanges is more than on or off can say.
    private func back(to before: Bool, from isOn: Bool, _ host: Int?) -> UIEffect {
        guard before, let value = settings.value("keepAlive", host: host), value.first?.isNumber == true else {
            return .agent(.setKeepAlive(before, host: host))
        }
        return .agent(
            .changeSetting(
                SettingChangeWish(name: "keepAlive", from: isOn ? "on" : "off", to: value, host: host)))
    }

    mutating func undoLast() -> [UIEffect] {
        guard let undo = undos.popLast() else {
            say("nothing was changed, so there is nothing to undo")
            return []
        }
        isUndoing = true
        say("taken back: \(undo.what)" + (undos.isEmpty ? "" : "   u takes back the one before"))
        return undo.effects
    }
}

extension DownstreamFault {
    /// It goes on until it is healed.
    fileprivate var lasts: Bool {
        switch self {
        case .dropIdle, .heal: false
        case .drain, .refuse, .slowDown, .changeDNS: true
        }
    }
}
