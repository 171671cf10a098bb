import Attach
import AttachProtocol
import FoundationEssentials
import Glibc
import PlainDocuments
import PoolModel
import Recordings
import Reporting
import SessionConfig
import Sessions
import Watch
import WatchCore

extension AttachService: SnapshotSource {}

/// An agent in another process that is attached to.
struct Attached: Observed {
    let plan: AttachPlan
    let service: AttachService
    let startedAt = Date().timeIntervalSince1970
    var command: String { "attach" }
    var recording: String? { plan.recording }
    var metrics: MetricsAddress? { plan.metrics }

    /// `node app.js (pid 4711)`, safe to print.
    var name: String { "\(PlainText.clean(service.hello.name)) (pid \(service.hello.pid))" }
    var snapshots: any SnapshotSource { service }
    var run: RunDescription {
        RunDescription(plan, attachedTo: name)
    }

    /// Finds the agent and says hello; a Node process without one is given the hook, if that is agreed to.
    static func begin(_ plan: AttachPlan, _ target: AttachPlan.Target) throws -> Attached {
        do {
            let service = try AttachService(
                path: try socket(of: target, plan), viewer: "pooltop \(ProductVersion.current)",
                mayChange: plan.mayChange)
            return Attached(plan: plan, service: service)
        } catch let error as AttachError {
            throw CommandLineError(.cannotRun, error.description)
        }
    }

    /// The socket of an agent: its path, or that of the process's main thread.
    private static func socket(of target: AttachPlan.Target, _ plan: AttachPlan) throws -> String {
        switch target {
        case .socket(let path): return path
        case .metrics(let url): throw AttachError("\(url.authority) has metrics, and no agent's socket")
        case .pid(let pid):
            let places = AttachPlaces.list(directory(of: pid)).filter { $0.pid == pid }
            if let first = places.first { return first.path }
            return try injected(pid, plan)
        }
    }

    private static func injected(_ pid: Int, _ plan: AttachPlan) throws -> String {
        let node: NodeProcess
        do throws(AttachError) { node = try NodeProcess(pid) } catch {
            throw AttachError("\(error.description); pooltop watch \(pid) shows its connections from outside")
        }
        if !plan.isAgreed {
            guard try Question.ask("\(node.plan)\nPut the hook in?") else {
                throw AttachError(
                    "the hook was not put in. Start the process with it: pooltop hook node -o pooltop-hook.cjs, then node "
                        + "--require ./pooltop-hook.cjs")
            }
        }
        return try blocking { try await node.inject() }
    }

    /// Root looks where the process's user keeps sockets, unless it is told where.
    private static func directory(of pid: Int?) -> String {
        var environment = ProcessInfo.processInfo.environment
        var user = geteuid()
        if let pid, user == 0, environment["POOLTOP_ATTACH_DIR"] == nil {
            var status = stat()
            if stat("/proc/\(pid)", &status) == 0, status.st_uid != 0 {
                user = status.st_uid
                environment["XDG_RUNTIME_DIR"] = nil
            }
        }
        return AttachPlaces.directory(environment, user: user)
    }

    private static func processes() -> [ProcessFacts] {
        do { return try WatchSession.processes() } catch { return [] }
    }

    private static func isNode(_ facts: ProcessFacts) -> Bool { ["node", "nodejs"].contains(facts.name) }

    private static func howToHook(_ pid: Int) -> String {
        do throws(AttachError) {
            _ = try NodeProcess(pid)
            return "pooltop attach \(pid) puts the hook in"
        } catch {
            return error.description
        }
    }

    /// Everything that can be attached to here, as lines of a table.
    static func list() -> String {
        let places = AttachPlaces.list(directory(of: nil))
        let all = processes()
        let commands = Dictionary(all.map { ($0.pid, $0.command) }) { first, _ in first }
        var rows = places.map { place in
            [
                "\(place.pid)", place.thread == 0 ? place.runtime : "\(place.runtime), thread \(place.thread)",
                PlainText.clean(commands[place.pid] ?? "", limit: 48), "pooltop attach \(PlainText.clean(place.path))",
            ]
        }
        let hooked = Set(places.map(\.pid))
        for facts in all where isNode(facts) && facts.isReadable && !hooked.contains(facts.pid) {
            rows.append([
                "\(facts.pid)", "node, no hook", PlainText.clean(facts.command, limit: 48),
                howToHook(facts.pid),
            ])
        }
        guard !rows.isEmpty else {
            return
                "Nothing to attach to here: no agent listens in \(PlainText.clean(directory(of: nil))), and no Node runs.\n"
        }
        var table = TextTable(columns: [
            .init(title: "PID"), .init(title: "AGENT", alignment: .left),
            .init(title: "COMMAND", alignment: .left, most: 48),
            .init(title: "HOW", alignment: .left, most: 200),
        ])
        table.rows = rows
        return table.lines.joined(separator: "\n") + "\n"
    }
}
