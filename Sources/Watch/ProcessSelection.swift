package import SessionConfig
package import WatchCore
import Wording

/// The processes that a person named, found among those that run.
package struct ProcessSelection: Sendable, Equatable {
    /// The processes that the machine is asked to look at.
    package var scope: WatchScope
    /// `node (pid 4711)`, `node (3 processes)`, `all processes`.
    package var description: String

    /// More processes of one name that are not of one family are hardly one service.
    package static let mostFamilies = 20
    private static let mostShown = 3

    /// - Parameters:
    ///   - asked: the processes as they were named; empty: all.
    ///   - processes: every process that runs.
    ///   - own: our own process, which no name means.
    ///   - userName: the name of the user that we run as.
    /// - Throws: what is wrong with them, in one line.
    package init(
        _ asked: [WatchPlan.Process], among processes: [ProcessFacts], own: Int, userName: String
    ) throws(WatchError) {
        guard !asked.isEmpty else {
            (scope, description) = (.all, "all processes")
            return
        }
        var found: [ProcessFacts] = []
        for process in asked {
            switch process {
            case .pid(let pid): found.append(try Self.readable(pid, processes, userName))
            case .name(let name):
                found += try Self.named(name, processes.filter { $0.pid != own }, userName)
            }
        }
        let pids = Set(found.map(\.pid))
        let names = asked.map { process in
            switch process {
            case .pid(let pid): found.first { $0.pid == pid }?.name ?? "\(pid)"
            case .name(let name): name
            }
        }
        let shown = names.enumerated().filter { !names[..<$0.offset].contains($0.element) }.map(\.element)
        let count = pids.count == 1 ? "pid \(pids.first ?? 0)" : "\(pids.count) processes"
        description = "\(shown.joined(separator: ", ")) (\(count))"
        // A name alone is looked for again and again, so that a service that was started again is found.
        if asked.count == 1, case .name(let name) = asked[0] { scope = .named(name) } else { scope = .processes(pids) }
    }

    private static func readable(
        _ pid: Int, _ processes: [ProcessFacts], _ userName: String
    ) throws(WatchError) -> ProcessFacts {
        guard let process = processes.first(where: { $0.pid == pid }) else { throw WatchError("no process \(pid)") }
        guard process.isReadable else { throw unreadable(process, userName) }
        return process
    }

    private static func named(
        _ name: String, _ processes: [ProcessFacts], _ userName: String
    ) throws(WatchError) -> [ProcessFacts] {
        let found = processes.filter { $0.isNamed(name) }
        guard let first = found.first else {
            let meant = nearestWord(name, among: processes.flatMap(\.names)).map { "; did you mean '\($0)'?" } ?? ""
            throw WatchError("no process is named '\(name)'\(meant)")
        }
        let readable = found.filter(\.isReadable)
        guard !readable.isEmpty else { throw unreadable(first, userName, others: found.count - 1) }
        let families = heads(of: found)
        guard families.count <= mostFamilies else {
            let examples = families.prefix(mostShown).map { "\($0.pid)" }.joined(separator: ", ")
            throw WatchError(
                "'\(name)' names \(families.count) processes that do not belong together (\(examples), …); give the ids of"
                    + " those that do, or --all")
        }
        return readable
    }

    /// The processes whose parent is not among them: the workers of a cluster are one family with what began them.
    private static func heads(of found: [ProcessFacts]) -> [ProcessFacts] {
        let pids = Set(found.map(\.pid))
        return found.filter { !pids.contains($0.parent) || $0.parent == $0.pid }
    }

    private static func unreadable(_ process: ProcessFacts, _ userName: String, others: Int = 0) -> WatchError {
        let more = others > 0 ? " (and \(others) more of that name)" : ""
        let owner =
            process.userName == userName
            ? "may not be looked into even by its own user \(userName)"
            : "is of user \(process.userName), whose files \(userName) may not look into"
        return WatchError(
            "process \(process.pid)\(more) \(owner): run `sudo pooltop watch \(process.pid)`, or as that user;"
                + " --all shows the connections of everybody without saying whose they are")
    }
}
