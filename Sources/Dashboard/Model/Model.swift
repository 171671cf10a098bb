import FleetCore
import PoolModel

/// The views.
package enum View: Int, CaseIterable, Sendable {
    /// The instances of a fleet.
    case fleet = 5
    /// Only where other processes are watched.
    case processes = 0
    case overview = 1
    case inspect, events, generator

    /// The digit that shows it.
    package var key: Int { self == .fleet ? 0 : rawValue }

    package var name: String {
        switch self {
        case .fleet: "Fleet"
        case .processes: "Processes"
        case .overview: "Overview"
        case .inspect: "Inspect"
        case .events: "Events"
        case .generator: "Generator"
        }
    }

    func moved(by step: Int, among views: [View]) -> View {
        guard let place = views.firstIndex(of: self) else { return views.first ?? self }
        return views[((place + step) % views.count + views.count) % views.count]
    }
}

/// The complete state of the interface. `update` changes it, and `render` draws it.
package struct Model: Sendable {
    /// The time spans that `+` and `-` step through, in minutes.
    package static let windows = [1, 5, 15, 60]

    package let configuration: Configuration
    package internal(set) var view = View.overview
    package internal(set) var glyphs: GlyphSet
    package internal(set) var mouse: Bool
    package internal(set) var width = 0
    package internal(set) var height = 0

    /// The state of the agent, always up to date.
    var live = DashboardState()
    /// False: hosts of a watch are asked for by their addresses.
    var showsNames = true
    /// The state that is shown while paused.
    var frozen: DashboardState?
    /// The playback position of a recording; nil if none is played.
    var playback: Playback?
    var windowMinutes: Int

    var selectedHost: Int?
    var sort = HostSort.order
    var sortReversed = false
    var filter = ""
    var isTypingFilter = false
    var columns = ColumnChoice()
    /// The column that was chosen last: `?` explains it.
    var pointedColumn: HostColumn?
    var charts = ChartCount.four
    /// The number of the chart that is shown alone, 0…3.
    var largeChart: Int?
    var eventLines = EventLines.auto

    /// The state of the fleet while one of its instances is shown, which `live` is of then.
    var fleetAside: DashboardState?
    /// The instance that is shown; nil: the list.
    var instance: InstanceID?
    /// Why there are no newer figures of it.
    var instanceProblem: String?
    var selectedFleetRow: FleetRowID?
    /// Nil: worst first.
    var fleetSort: FleetColumn?
    var fleetSortReversed = false
    var fleetFilter = ""
    var showsGroups = false

    var selectedProcess: ProcessID?
    var processSort = ProcessColumn.opened
    var processSortReversed = false
    var processFilter = ""

    var socketSort = SocketSort.state
    var socketScroll = 0
    /// The line that the marker of the events is at; nil: the newest.
    var eventNumber: Int?
    var eventFilter = ""

    var overlay: Overlay?
    var notice: Notice?
    var now = Moment.zero
    var lastSnapshotAt: Moment?
    /// Why no more snapshots arrive; nil while they do.
    var sourceFailure: String?
    var resetArmedUntil: Moment?

    var commandHistory: [String] = []
    var settings: SettingValues
    var undos: [Undo] = []
    /// The effects that are being given out take an earlier change back.
    var isUndoing = false
    var theme: String
    /// The preferences to keep for the next time: what they were at the start, with what the person chose since.
    package internal(set) var preferences: Preferences

    package init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        view = configuration.isFleet ? .fleet : configuration.beginsWithProcesses ? .processes : .overview
        live.isReadOnly = configuration.capabilities.control != nil && !configuration.isReplay
        let preferences = configuration.preferences
        self.preferences = preferences
        glyphs = configuration.isASCIIForced ? .ascii : configuration.glyphs ?? preferences.glyphs ?? .braille
        mouse = preferences.mouse ?? configuration.mouse
        let minutes = preferences.windowMinutes ?? configuration.windowMinutes
        windowMinutes = Self.windows.contains(minutes) ? minutes : 1
        theme = configuration.theme
        settings = SettingValues(configuration.settings)
        columns = preferences.columns ?? ColumnChoice()
        sort = preferences.sort?.sort ?? .order
        sortReversed = preferences.sort?.isReversed ?? false
        charts = preferences.charts ?? .four
        eventLines = preferences.eventLines ?? .auto
        let seconds = windowSeconds
        if let capacity = preferences.capacity { live.setCapacity(capacity, windowSeconds: seconds) }
    }

    /// The state on the screen.
    var picture: DashboardState { frozen ?? live }
    package var isPaused: Bool { frozen != nil }
    var windowSeconds: Int { windowMinutes * 60 }

    /// The host whose open sockets the next snapshots should list; nil: none.
    package var wantsSockets: Int? { view == .inspect ? selection : nil }

    /// The selected or inspected host. If no visible host was chosen, the first one.
    package var selection: Int? {
        let hosts = visibleHosts()
        if let selectedHost, hosts.contains(where: { $0.id == selectedHost }) { return selectedHost }
        return hosts.first?.id
    }

    /// The age of the newest snapshot if it is too old to be called live; otherwise nil.
    var staleSeconds: Double? {
        guard let lastSnapshotAt, !configuration.isReplay else { return nil }
        let age = (now - lastSnapshotAt).asSeconds
        return age >= staleAfterSeconds ? age : nil
    }

    /// The hosts that match the filter, in the order of the table.
    func visibleHosts() -> [ShownHost] {
        let picture = picture
        guard let hosts = picture.snapshot?.hosts else { return [] }
        let wanted = filter.lowercased()
        let matching = wanted.isEmpty ? hosts : hosts.filter { $0.name.lowercased().contains(wanted) }
        let sorted = sort.sorted(matching, picture: picture, reversed: sortReversed)
        let failing = Set(picture.failingHosts)
        if failing.isEmpty { return sorted }
        return sorted.filter { failing.contains($0.id) } + sorted.filter { !failing.contains($0.id) }
    }
}

/// A view drawn on top of the others that receives the keys.
enum Overlay: Sendable, Equatable {
    case help(scroll: Int)
    case advice(scroll: Int)
    /// Asks for confirmation before idle sockets are closed.
    case closeIdle(host: Int)
    case faults(host: Int, selected: Int)
    case command(CommandInput)
    case menu(MenuKind, selected: Int)
    case explain(HostColumn)
}

/// A message for a few seconds.
struct Notice: Sendable, Equatable {
    static let lifetime: Nanoseconds = .seconds(5)
    var text: String
    var until: Moment
}

enum ChartCount: Int, CaseIterable, Sendable { case four, two, none }

enum EventLines: Int, CaseIterable, Sendable { case auto, many, hidden }

/// The columns that the table shows if there is not enough room for all.
enum ColumnSet: Int, CaseIterable, Sendable {
    case all, pool, latency, churn

    var name: String {
        switch self {
        case .all: "by importance"
        case .pool: "pool"
        case .latency: "latency"
        case .churn: "churn"
        }
    }
}

extension CaseIterable where Self: Equatable, AllCases.Index == Int {
    /// The next case, starting over after the last.
    var following: Self {
        let all = Self.allCases
        let index = all.firstIndex(of: self) ?? 0
        return all[(index + 1) % all.count]
    }
}
