import PoolModel
import Wording

/// The list of processes that a watch begins with, and the process that is chosen from it.
extension Model {
    /// Figures are of other processes, as the kernel sees them; in a recording of that, too.
    var isWatch: Bool { configuration.isWatch || live.snapshot?.origin?.kind == .watch }

    /// Figures are of another process, whatever they are taken from, and so are all its CPU and all its requests.
    var isOfOtherProcess: Bool {
        configuration.isWatch || configuration.isFleet || live.snapshot?.origin?.isOfOtherProcess == true
    }

    /// Figures are those that a process publishes, which are of no single connection and no single response.
    var isOfMetrics: Bool {
        live.snapshot.map { $0.origin?.kind == .metrics || $0.origin?.kind == .fleet } ?? isFleet
    }

    /// There is a list of processes: those that are watched, or those of an attached service that has several.
    var hasProcesses: Bool {
        isWatch || (live.snapshot?.origin?.kind == .attach && live.snapshot?.origin?.processes?.count ?? 0 > 1)
    }

    var waitingText: String {
        if isFleet { return instance == nil ? "asking the database" : "asking for the instance's samples" }
        return isWatch ? "waiting for the first look at this machine" : "waiting for the first snapshot of the agent"
    }

    /// The views that this source has.
    var views: [View] {
        View.allCases.filter { view in
            switch view {
            case .fleet: isFleet
            case .processes: hasProcesses && !isFleet
            case .generator: !isOfOtherProcess
            // The list has no hosts before an instance was chosen.
            case .overview, .inspect: !isFleet || instance != nil
            case .events: true
            }
        }
    }

    /// The processes that match the filter, in the order of the table; all of them together come last.
    func visibleProcesses() -> [ShownProcess] {
        let processes = picture.processes
        let wanted = processFilter.lowercased()
        let matching = processes.rows.filter { $0.matches(wanted) }
        let sorted = processSort.sorted(matching, reversed: processSortReversed)
        guard wanted.isEmpty, processes.rows.count > 1, let all = processes.all else { return sorted }
        return sorted + [all]
    }

    /// The place of the selected row; the first where none was chosen or it is not shown; nil: there is none.
    func selectedProcess(among rows: [ShownProcess]) -> Int? {
        guard !rows.isEmpty else { return nil }
        guard let chosen = selectedProcess else { return 0 }
        return rows.firstIndex { $0.id == chosen && !$0.hasEnded } ?? rows.firstIndex { $0.id == chosen } ?? 0
    }

    mutating func moveProcess(by step: Int) {
        let rows = visibleProcesses()
        guard let selected = selectedProcess(among: rows) else { return }
        var place = min(rows.count - 1, max(0, selected + step))
        // Two rows of one number, of which one has ended, are one step.
        while rows.indices.contains(place + step.signum()), place != selected, rows[place].id == rows[selected].id {
            place += step.signum()
        }
        selectedProcess = rows[place].id
    }

    mutating func sortProcesses(by step: Int) {
        processSort = processSort.moved(by: step)
        processSortReversed = false
    }

    /// Enter in the list: the process, with its hosts and nobody else's.
    mutating func openProcess() -> [UIEffect] {
        let rows = visibleProcesses()
        guard let selected = selectedProcess(among: rows) else {
            say("no process is selected")
            return []
        }
        switch rows[selected].id {
        case .user(let user):
            say("open files of \(user) cannot be read: sudo shows which process has these connections")
            return []
        case .unowned:
            say("the process of these connections is not known")
            return []
        case .all: return choose(pid: nil)
        case .pid(let pid): return choose(pid: pid)
        }
    }

    private mutating func choose(pid: Int?) -> [UIEffect] {
        let shown = live.snapshot?.origin?.pid
        if configuration.isReplay, pid != shown {
            let title = live.snapshot?.origin?.title ?? "nothing"
            say("the recording has the connections of \(title) only")
            return []
        }
        if pid != shown { forgetHostChoice() }
        view = .overview
        return configuration.isReplay ? [] : [.watch(pid: pid)]
    }

    /// From the overview back to the list, which is about all processes again.
    mutating func leaveProcess() -> [UIEffect] {
        guard hasProcesses else { return [] }
        let shown = live.snapshot?.origin?.pid
        if let shown { selectedProcess = .pid(shown) }
        view = .processes
        guard !configuration.isReplay else { return [] }
        if shown != nil { forgetHostChoice() }
        return [.watch(pid: nil)]
    }

    /// Between names and addresses. The hosts are others then, each with charts of its own.
    mutating func changeNames() -> [UIEffect] {
        guard isWatch, !configuration.isReplay else {
            say("only a live pooltop watch shows hosts by name or by address")
            return []
        }
        showsNames.toggle()
        forgetHostChoice()
        say(showsNames ? "hosts by name, where one is known: --name and --reverse-dns tell more" : "hosts by address")
        return [.showNames(showsNames)]
    }

    /// The hosts of another process have other numbers.
    private mutating func forgetHostChoice() {
        frozen = nil
        selectedHost = nil
        filter = ""
        eventNumber = nil
    }

    /// Why the view cannot be shown here; nil: it can.
    func whyNot(_ view: View) -> String? {
        if views.contains(view) { return nil }
        if isFleet, view == .overview || view == .inspect { return "no instance is open: enter opens one" }
        if view == .fleet { return "only pooltop fleet has a list of instances" }
        return view == .processes
            ? (isOfOtherProcess ? "the service is one process" : "only pooltop watch has a list of processes")
            : "no generator runs: the requests are the process's own"
    }
}
