import PlainDocuments
import PoolModel
import Wording

/// The origin of a window's figures: what was watched, what could not be seen, and the kernel's own count beside ours.
struct SourceWindow: Sendable {
    /// As it was at the end.
    var source: SourceSnapshot
    /// Counts of the window; nil: the kernel was not asked.
    var kernel: KernelCount?
    /// Totals of the window, the most new connections first; nil: processes were not listed.
    var processes: [ProcessRow]?

    /// More processes are left out of a report.
    static let mostProcesses = 100

    /// Nil: the figures are of our own agent.
    init?(from first: AgentSnapshot, to last: AgentSnapshot) {
        guard var source = last.source else { return nil }
        source.hideSecrets()
        self.source = source
        kernel = source.kernel.map { kernel in
            var gained = kernel
            gained.opened = max(0, kernel.opened - (first.source?.kernel?.opened ?? 0))
            gained.seen = max(0, kernel.seen - (first.source?.kernel?.seen ?? 0))
            return gained
        }
        let before = first.source?.processes ?? []
        processes = source.processes.map { rows in
            let gained = rows.prefix(Self.mostProcesses * 10).map { row in
                row.since(before.first { $0.pid == row.pid && $0.user == row.user && $0.opened <= row.opened })
            }
            return Array(gained.sorted { $0.opened > $1.opened }.prefix(Self.mostProcesses))
        }
    }

    /// The limits of the source's view, one sentence each.
    var sentences: [String] { source.notes.prefix(64).map { PlainText.clean($0.sentence, limit: 512) } }

    var title: String { PlainText.clean(source.title) }

    /// `kernel agrees, it counts 2,003 new connections of all processes`; nil: it was not asked.
    var kernelSentence: String? {
        kernel.map { kernel in
            let whose = kernel.scope == .process ? "" : " of all processes"
            return kernel.words
                + (kernel.agrees
                    ? ": it counts \(Amount.count(kernel.opened)) new connections\(whose), \(Amount.count(kernel.seen)) were seen"
                    : whose)
        }
    }

    /// `source` and `kernel` of the reports.
    func members(listsProcesses: Bool) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init(key: "kind", value: .string(source.kind.rawValue)),
            .init(key: "name", value: .string(PlainText.clean(source.name))),
            .init(key: "pid", value: .integer(source.pid)),
            .init(key: "scope", value: .string(source.scope.rawValue)),
            .init(key: "notes", value: .array(sentences.map { .string($0) })),
        ]
        if listsProcesses, let processes {
            members.append(.init(key: "processes", value: .array(processes.map(\.document))))
        }
        return [.init(key: "source", value: .object(members)), .init(key: "kernel", value: kernel?.document ?? .null)]
    }
}

extension ProcessRow {
    /// The counts since an earlier row of the same process; connections that were divided may have moved to another.
    fileprivate func since(_ before: ProcessRow?) -> ProcessRow {
        guard let before else { return self }
        var row = self
        for count in [
            \ProcessRow.opened, \.closed, \.closedByPeer, \.closedByUs, \.requests,
        ] as [WritableKeyPath<ProcessRow, Int>] {
            row[keyPath: count] = max(0, self[keyPath: count] - before[keyPath: count])
        }
        row.lookups = lookups.flatMap { now in before.lookups.map { max(0, now - $0) } }
        row.cpuSeconds = cpuSeconds.flatMap { now in before.cpuSeconds.map { max(0, now - $0) } }
        return row
    }

    var document: JSONValue {
        .object([
            "pid": .integer(pid), "command": .string(PlainText.clean(command)), "user": .string(PlainText.clean(user)),
            "hosts": .integer(hosts), "open": .integer(open), "opened": .integer(opened), "closed": .integer(closed),
            "closedByPeer": .integer(closedByPeer), "closedByProcess": .integer(closedByUs),
            "requests": .integer(Figure(requests, requestsCertainty).value), "lookups": .integer(lookups),
            "cpuSeconds": .number(cpuSeconds), "ended": .bool(hasEnded), "readable": .bool(isReadable),
            "certainty": .object([
                "connections": .string(connectionsCertainty.rawValue), "requests": .string(requestsCertainty.rawValue),
            ]),
        ])
    }
}

extension KernelCount {
    var document: JSONValue {
        .object([
            "opened": .integer(opened), "seen": .integer(seen), "agrees": .bool(agrees),
            "scope": .string(scope.rawValue),
        ])
    }
}

extension KernelFigures {
    /// `kernel` of a host; null where a figure is not known.
    var document: JSONValue {
        .object([
            "timeWait": .integer(timeWait), "roundTripSeconds": .number(roundTripSeconds),
            "retransmits": .integer(retransmits), "idleAgeAtDeathSeconds": .number(idleAgeAtDeathSeconds),
            "deaths": .integer(deaths), "connectionAgeSeconds": .number(connectionAgeSeconds),
        ])
    }
}
