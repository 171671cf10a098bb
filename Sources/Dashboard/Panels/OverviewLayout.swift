/// Where the panels of the overview are.
///
/// ```
/// wide                                      compact                        stacked
/// title bar                                 title bar                      title bar
/// tabs                since the mark        headline                       headline, two rows
/// headline                                  HTTP, TCP     HTTP, TCP, DNS   HTTP, TCP
/// HTTP, TCP           HTTP, TCP, DNS        containers    strips           table
/// containers          strips                table                          hint
/// table                                     events
/// events                                    rule, hint
/// rule, hint
/// ```
struct OverviewLayout {
    var header: Rect?
    var tabs: Rect?
    var headline: Rect?
    /// In the order of their keys: HTTP and TCP, logarithmic, containers, strips.
    var charts: [(kind: Int, rect: Rect, hasAxisRow: Bool)] = []
    var table: (rect: Rect, hasTitle: Bool)?
    var events: Rect?
    var rule: Rect?
    var hint: Rect?

    init(model: Model, width: Int, height: Int) {
        let size = SizeClass(width: width, height: height)
        let hosts = max(1, model.visibleHosts().count)
        var rows = Rows(width: width, height: height)
        header = rows.top(1)
        if TabBar.hasTabs(width: width, height: height) { tabs = rows.top(1) }
        hint = rows.bottom(1)
        headline = rows.top(size == .stacked && width < 66 ? 2 : 1)
        if size != .stacked || height >= 18 { rule = rows.bottom(1) }
        switch size {
        case .line, .list: break
        case .stacked: stacked(&rows, hosts: hosts, model: model)
        case .compact, .wide: tiled(&rows, hosts: hosts, model: model, isWide: size == .wide)
        }
    }

    /// The rows between the lines that all views have.
    func body(of screen: Rect) -> Rect {
        let top = (header?.height ?? 0) + (tabs?.height ?? 0)
        let bottom = (hint?.height ?? 0) + (rule?.height ?? 0)
        return Rect(x: screen.x, y: screen.y + top, width: screen.width, height: screen.height - top - bottom)
    }

    /// One chart at the most, above the table.
    private mutating func stacked(_ rows: inout Rows, hosts: Int, model: Model) {
        // The hosts come first, unless a large chart was asked for: then a heading and two hosts have to do.
        let wanted = model.largeChart == nil ? hosts + 2 : min(hosts + 2, max(3, rows.left - 8))
        let tableRows = min(wanted, rows.left)
        let spare = rows.left - tableRows
        if spare >= 4, model.charts != .none || model.largeChart != nil {
            charts = [(model.largeChart ?? 0, rows.top(spare <= 10 ? spare : 8), true)]
        }
        table = (rows.top(tableRows), false)
        if rows.left >= 3, model.eventLines != .hidden { events = rows.top(rows.left) }
    }

    private mutating func tiled(_ rows: inout Rows, hosts: Int, model: Model, isWide: Bool) {
        let titleRows = isWide ? 1 : 0
        let tableFull = hosts + 2 + titleRows
        let tableLeast = min(tableFull, 7 + titleRows)
        var plan = Heights(model: model, isWide: isWide, hosts: hosts)
        var spare = rows.left - tableLeast - plan.total
        if spare < 0 { plan.shrink(&spare) }
        var tableRows = tableLeast
        // Charts as small as they can be read leave the room to the hosts; where that is not enough for most of them on a
        // small screen, half of the charts go.
        if !isWide, spare < (tableFull - tableLeast) / 2 { plan.dropSecond(&spare) }
        let tableMore = max(0, min(spare, tableFull - tableLeast))
        tableRows += tableMore
        spare -= tableMore
        plan.grow(&spare, upTo: .comfortable)
        plan.grow(&spare, upTo: .large)
        if isWide { plan.grow(&spare, upTo: .huge) }
        placeCharts(&rows, plan, gap: 2, model: model)
        table = (rows.top(min(tableRows, rows.left)), isWide)
        if isWide, spare > 0, rows.left > plan.events { _ = rows.top(1) }
        if plan.events >= 2, rows.left >= 2 { events = rows.top(min(rows.left, plan.events + max(0, spare))) }
    }

    private mutating func placeCharts(_ rows: inout Rows, _ plan: Heights, gap: Int, model: Model) {
        if let large = model.largeChart {
            if plan.first > 0 { charts = [(large, rows.top(plan.first), true)] }
            return
        }
        for (row, height) in [plan.first, plan.second].enumerated() where height > 0 {
            let band = rows.top(height)
            let half = (band.width - gap) / 2
            let hasAxis = row == 1 || plan.second == 0 || plan.firstHasAxis
            charts.append((row * 2, band.left(half), hasAxis))
            charts.append((row * 2 + 1, band.right(from: band.width - half), hasAxis))
        }
    }
}

/// How many rows the charts and the events of a tiled layout get.
private struct Heights {
    enum Comfort { case comfortable, large, huge }
    var first = 0
    var second = 0
    var events = 0
    private let isWide: Bool
    private let isLarge: Bool
    private let hosts: Int
    private let wantedEvents: Int

    var total: Int { first + second + events }
    var firstHasAxis: Bool { isWide && first >= 6 }

    init(model: Model, isWide: Bool, hosts: Int) {
        self.isWide = isWide
        self.hosts = hosts
        isLarge = model.largeChart != nil
        let shows = model.largeChart == nil ? model.charts : .two
        first = shows == .none ? 0 : 4
        second = shows == .four ? (isWide ? 5 : 4) : 0
        switch model.eventLines {
        case .hidden: wantedEvents = 0
        case .auto: wantedEvents = isWide ? 4 : 2
        case .many: wantedEvents = 10
        }
        events = wantedEvents == 0 ? 0 : (isWide ? 3 : 2)
    }

    /// Too little room: the events go first, then the second row of charts, then the first.
    mutating func shrink(_ spare: inout Int) {
        if spare < 0 { drop(&events, &spare) }
        if spare < 0 { drop(&second, &spare) }
        if spare < 0 { drop(&first, &spare) }
    }

    /// One row of charts is left of two.
    mutating func dropSecond(_ spare: inout Int) { drop(&second, &spare) }

    private func drop(_ rows: inout Int, _ spare: inout Int) {
        spare += rows
        rows = 0
    }

    mutating func grow(_ spare: inout Int, upTo comfort: Comfort) {
        let strips = min(isWide ? 16 : 8, max(3, hosts)) + 2
        let (one, two, lines) =
            switch comfort {
            case .comfortable: (isLarge ? 14 : isWide ? 7 : 4, strips, wantedEvents)
            case .huge: (isLarge ? 60 : 24, max(strips, 24), wantedEvents * 3)
            case .large: (isLarge ? 40 : isWide ? 11 : 7, max(strips, isWide ? 11 : 8), wantedEvents + 2)
            }
        // Row by row in turn, so that all of them get something of little room.
        var isGrowing = true
        while spare > 0, isGrowing {
            isGrowing = false
            for (path, limit) in [(\Heights.second, two), (\.first, one), (\.events, lines)] {
                guard spare > 0, self[keyPath: path] > 0, self[keyPath: path] < limit else { continue }
                self[keyPath: path] += 1
                spare -= 1
                isGrowing = true
            }
        }
    }
}

/// Hands out rows from the top and the bottom until there are none.
struct Rows {
    private let x: Int
    private let width: Int
    private var next: Int
    private var end: Int

    init(width: Int, height: Int) { self.init(Rect(x: 0, y: 0, width: width, height: height)) }

    init(_ rect: Rect) {
        x = rect.x
        width = rect.width
        next = rect.y
        end = rect.y + rect.height
    }

    var left: Int { end - next }

    mutating func top(_ count: Int) -> Rect {
        let taken = min(max(0, count), left)
        defer { next += taken }
        return Rect(x: x, y: next, width: width, height: taken)
    }

    mutating func bottom(_ count: Int) -> Rect {
        let taken = min(max(0, count), left)
        end -= taken
        return Rect(x: x, y: end, width: width, height: taken)
    }
}
