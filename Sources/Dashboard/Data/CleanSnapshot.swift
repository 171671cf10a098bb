import PoolModel
import Wording

extension AgentSnapshot {
    /// The same snapshot with all foreign texts sanitised. This is the only way into the model.
    func cleaned() -> AgentSnapshot {
        var copy = self
        for index in copy.hosts.indices { copy.hosts[index].clean() }
        for index in copy.dnsRecords.indices {
            copy.dnsRecords[index].name = visibleText(copy.dnsRecords[index].name)
            copy.dnsRecords[index].source = visibleText(copy.dnsRecords[index].source)
            copy.dnsRecords[index].addresses = copy.dnsRecords[index].addresses.map { visibleText($0) }
        }
        for index in copy.events.indices { copy.events[index].mapTexts { visibleText($0) } }
        copy.source?.clean()
        if let load = copy.load {
            copy.load?.arrivals = visibleText(load.arrivals)
            for index in load.targets.indices {
                copy.load?.targets[index].name = visibleText(load.targets[index].name)
                copy.load?.targets[index].url = visibleText(load.targets[index].url)
                copy.load?.targets[index].method = visibleText(load.targets[index].method, limit: 16)
            }
        }
        return copy
    }
}

extension HostSnapshot {
    fileprivate mutating func clean() {
        name = visibleText(name)
        origin = visibleText(origin)
        for index in addresses.indices { addresses[index].address = visibleText(addresses[index].address) }
        head?.clean()
        nameFailure?.clean()
        guard let open = sockets else { return }
        for index in open.indices {
            sockets?[index].peer = open[index].peer.map { visibleText($0) }
            sockets?[index].method = open[index].method.map { visibleText($0, limit: 16) }
        }
    }
}

extension SourceSnapshot {
    fileprivate mutating func clean() {
        name = visibleText(name, limit: 120)
        notes = Array(notes.prefix(64))
        for index in notes.indices { notes[index].subject = notes[index].subject.map { visibleText($0, limit: 80) } }
        for index in processes?.indices ?? 0..<0 {
            guard let row = processes?[index] else { continue }
            processes?[index].command = visibleText(row.command)
            processes?[index].user = visibleText(row.user, limit: 32)
        }
    }
}

extension SourceSnapshot {
    /// The processes that the figures of hosts are about: of other ones nothing can be compared with them.
    var subject: [String] { [kind.rawValue, scope.rawValue, pid.map(String.init) ?? ""] }
}

extension NameFailure {
    fileprivate mutating func clean() {
        name = visibleText(name)
        tried = tried.prefix(8).map { visibleText($0) }
        servers = servers.prefix(4).map { visibleText($0) }
    }
}

extension HeadSnapshot {
    fileprivate mutating func clean() {
        for index in fields.indices {
            fields[index].name = visibleText(fields[index].name, limit: 24)
            fields[index].value = visibleText(fields[index].value, limit: 80)
        }
    }
}
