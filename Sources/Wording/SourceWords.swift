package import PoolModel

extension SourceSnapshot {
    /// The watched process or processes, in a few words: `4711 node app.js`, `all processes`. Not safe to print where
    /// `name` is not.
    package var title: String {
        if let pid { return name.isEmpty ? "\(pid)" : "\(pid) \(name)" }
        return scope == .namespace || name.isEmpty ? "all processes" : name
    }

    /// Figures are of a process that was there before, and whose requests are its own.
    package var isOfOtherProcess: Bool { kind == .watch || kind == .attach || kind == .metrics || kind == .fleet }

    /// The words before its name.
    package var verb: String {
        switch kind {
        case .attach: "attached to"
        case .metrics: "metrics of"
        case .fleet: "instance"
        default: "watching"
        }
    }

    /// The process that was chosen has ended.
    package var hasEnded: Bool {
        let ended = notes.filter { $0.label == .processEnded }
        if ended.contains(where: { $0.subject == nil || $0.subject == name }) { return true }
        guard let pid, let rows = processes?.filter({ $0.pid == pid }), !rows.isEmpty else { return false }
        // The number may have been given to another process since.
        return rows.allSatisfy(\.hasEnded)
    }
}

extension KernelCount {
    /// Whether the kernel's own count of opened connections confirms ours.
    package var words: String {
        agrees ? "kernel agrees" : "kernel counts \(Amount.count(opened)), seen \(Amount.count(seen))"
    }
}

extension SourceNote {
    /// One sentence about what the source cannot see, without a full stop. Not safe to print where `subject` is not.
    package var sentence: String {
        let things = count.map { Amount.count($0) }
        switch label {
        case .unreadable:
            return (things.map { "\($0) connections: " } ?? "")
                + "open files of \(subject ?? "some processes") cannot be read; sudo shows which process has which"
        case .sharesEstimated:
            return (things.map { "\($0) " } ?? "")
                + "connections too short to be seen with their process are divided as those are that were seen"
        case .countsFell: return "\(things ?? "some") totals of the agent went down: they stay where they were"
        case .hookDisabled:
            return "the hook has switched itself off after errors of its own\(subject.map { ": \($0)" } ?? "")"
        case .notAnswering: return "the figures are old: \(subject ?? "the endpoint does not answer")"
        case .restarted: return "the process began anew \(things ?? "some") times; its counts go on"
        case .tooMany: return "\(things ?? "some") hosts or series are too many and are left out"
        case .noDestroyEvents:
            return "this kernel does not tell when sockets end: connections between two looks are missed"
        case .noTCPInfo:
            return "this kernel has no figures of TCP: requests, idle times and round trips are not known"
        case .messagesLost:
            return "\(things ?? "some") messages of the kernel were lost; new connections were put right by "
                + "its own count"
        case .notCountable:
            return "requests to \(subject ?? "a host") are not countable: its connections look like HTTP/2"
        case .processEnded: return "\(subject ?? "the process") has ended; its last figures stay"
        case .namespaceTables:
            return "only the tables of that network namespace can be read: no figures of single connections"
        case .dumpsSlowed:
            return "so many sockets are open\(things.map { " (\($0))" } ?? "") that they are looked at less often"
        case .traced: return "process and closing side are exact, from the kernel's trace events"
        case .unknown: return "a note that this version of pooltop does not know"
        }
    }
}
