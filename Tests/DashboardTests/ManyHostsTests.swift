import Testing
import Wording

@testable import Dashboard
@testable import PoolModel

/// Tables of many hosts: problems first, the totals always, and no figure broken.
@Suite("Tables of many hosts") struct ManyHostsTests {
    /// So many hosts at 100 requests a second each; some refuse every connection.
    private func model(
        _ count: Int, failing: Set<Int> = [], width: Int = 120, height: Int = 36, keys: [Key] = [],
        change: (inout HostSnapshot) -> Void = { _ in }
    ) -> Model {
        var model = Model()
        _ = update(&model, .resize(width: width, height: height))
        var story = Story()
        story.hosts = (0..<count).map { Story.host(id: $0, name: "svc-\($0)") }
        for second in 0...12 {
            story.uptime = Double(second)
            story.sequence = second
            for id in story.hosts.indices {
                let isFailing = failing.contains(id)
                story.hosts[id].metrics.requests.started = 100 * second
                story.hosts[id].metrics.requests.succeeded = isFailing ? 0 : 100 * second
                story.hosts[id].metrics.requests.onReusedConnection = isFailing ? 0 : 100 * second
                guard isFailing else { continue }
                story.hosts[id].metrics.requests.failed = 100 * second
                story.hosts[id].metrics.errors = CountsBy()
                story.hosts[id].metrics.errors.add(100 * second, to: .connectRefused)
                story.hosts[id].lastConnectFailure = .connectRefused
            }
            for id in story.hosts.indices { change(&story.hosts[id]) }
            var snapshot = story.snapshot(socketsOf: nil)
            snapshot.load = nil
            _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        }
        for key in keys { _ = update(&model, .key(key)) }
        return model
    }

    private func rows(_ model: Model) -> [String] {
        render(model, width: model.width, height: model.height).plainText().split(separator: "\n").map(String.init)
    }

    /// The hosts of the table from top to bottom.
    private func hosts(_ model: Model) -> [Int] {
        rows(model).compactMap { row in
            guard let name = row.dropFirst(2).split(separator: " ").first, name.hasPrefix("svc-") else {
                return nil
            }
            return Int(name.dropFirst("svc-".count))
        }
    }

    @Test(
        "The table grows and the charts shrink as hosts increase",
        arguments: [(20, 120, 36, 14), (100, 160, 50, 30), (20, 80, 24, 10), (7, 120, 36, 7), (500, 200, 60, 35)])
    func share(count: Int, width: Int, height: Int, least: Int) {
        let model = model(count, width: width, height: height)
        #expect(hosts(model).count >= least)
        #expect(OverviewLayout(model: model, width: width, height: height).charts.count >= 2, "charts stay")
    }

    @Test("There is always a row of all, and how many are shown is said elsewhere", arguments: [1, 7, 20, 100])
    func totals(count: Int) throws {
        for (width, height) in [(120, 36), (80, 24), (60, 20), (40, 12)] {
            let model = model(count, width: width, height: height)
            let rows = rows(model)
            let sum = try #require(rows.first { $0.hasPrefix("  all \(count) ") }, "\(width)")
            #expect(sum.contains(Numbers.rate(Double(count * 100))))
            let shown = hosts(model).count
            let heading = try #require(rows.first { $0.contains("REQ/s") })
            #expect(heading.contains("\(shown)/\(count)") == (shown < count), "\(heading)")
            #expect(!rows.contains { $0.contains(" more") })
        }
    }

    @Test("Failing hosts come first, whatever the table is sorted by", arguments: [0, 1, 5])
    func failingFirst(presses: Int) {
        let keys = Array(repeating: Key.character("s"), count: presses)
        let model = model(20, failing: [13, 17], keys: keys)
        #expect(Set(hosts(model).prefix(2)) == [13, 17])
        let rows = rows(model)
        #expect(rows.contains { $0.contains("2 of 20 failing  HTTP 2,000/s") })
        #expect(rows.contains { $0.contains(", failing first") })
        #expect(rows.contains { $0.hasPrefix("▌!svc-13") && $0.contains("! refused") })
    }

    @Test("They stay at the top while the others are scrolled")
    func pinned() {
        let model = model(40, failing: [13, 17], keys: [.end])
        let shown = hosts(model)
        #expect(Array(shown.prefix(2)) == [13, 17] && shown.last == 39)
        #expect(TableRows(count: 40, rows: 9, selected: 39, pinned: 30).indices == [0, 1, 2, 34, 35, 36, 37, 38, 39])
        #expect(TableRows(count: 40, rows: 9, selected: 3, pinned: 30).indices == Array(0..<9))
        #expect(TableRows(count: 3, rows: 9, selected: 2, pinned: 1).indices == [0, 1, 2])
        for selected in 0..<40 {
            #expect(TableRows(count: 40, rows: 5, selected: selected, pinned: 2).indices.contains(selected))
        }
    }

    @Test(
        "How many fail is said at every size", arguments: [(120, 36), (80, 24), (60, 20), (40, 12), (30, 8), (19, 2)])
    func failingCount(width: Int, height: Int) {
        let model = model(17, failing: [2, 3, 9], width: width, height: height)
        #expect(render(model, width: width, height: height).plainText().contains("3 of 17 failing"))
        #expect(!rows(self.model(17, width: width, height: height)).contains { $0.contains("failing") })
    }

    @Test("Where many fail the headline says what share, whatever else has to go", arguments: [(120, 36), (80, 24)])
    func failedShare(width: Int, height: Int) throws {
        let model = model(21, failing: Set(0..<15), width: width, height: height) {
            $0.metrics.requests.queued = 167
            $0.oldestWaitSeconds = 3.4
        }
        let headline = try #require(rows(model).first { $0.contains("15 of 21 failing") })
        #expect(headline.contains("err 71.4%") && headline.contains("answered"), "\(headline)")
    }

    @Test("No diagnosis is cut in its figure where there is room for it")
    func wholeDiagnosis() throws {
        let model = model(17, failing: [2]) {
            guard $0.id == 3 else { return }
            $0.metrics.requests.succeeded = 0
            $0.metrics.requests.onReusedConnection = 0
            $0.metrics.connections.active = 64
            $0.metrics.requests.inFlight = 64
            $0.inFlightAges = [InFlightAge(atLeastSeconds: 12, requests: 64, inBody: 0)]
            $0.silentSeconds = 12
        }
        #expect(rows(model).contains { $0.contains("!svc-3 ") && $0.hasSuffix("! no response 12 s") })
    }

    @Test("A press selects the host under it, pinned or not")
    func mouse() throws {
        var model = model(40, failing: [13], keys: [.end])
        let y = try #require(rows(model).firstIndex { $0.contains("svc-13") })
        _ = update(&model, .mouse(x: 4, y: y, .press))
        #expect(model.selection == 13)
    }

    @Test("Five thousand sockets break no column", arguments: [120, 100])
    func fiveThousand(width: Int) throws {
        let model = model(3, width: width) {
            $0.maxSockets = 10_000
            $0.metrics.connections.active = 5000
            $0.metrics.connections.idle = 12_345
        }
        let row = try #require(rows(model).first { $0.hasPrefix("  svc-1 ") })
        let cells = row.split(separator: " ")
        #expect(cells.contains("5,000") && cells.contains("12,345"), "\(row)")
        let sum = try #require(rows(model).first { $0.hasPrefix("  all 3") })
        #expect(sum.split(separator: " ").contains("15,000") && sum.contains(" 37,035 "))
    }

    @Test("Of a long name the middle is cut")
    func longNames() {
        let canvas = Canvas(width: 10, height: 1, glyphs: .braille)
        #expect(canvas.cutMiddle("127.0.0.1:8001", to: 8) == "12…:8001")
        #expect(canvas.cutMiddle("short", to: 8) == "short" && canvas.cutMiddle("short", to: 0).isEmpty)
        for width in 1...12 {
            #expect(canvas.cutMiddle("payments-service-eu", to: width).unicodeScalars.count == width)
        }
        let model = model(3) { $0.name = "orders-of-the-north-western-region.example:808\($0.id)" }
        for id in 0..<3 { #expect(rows(model).contains { $0.contains("example:808\(id) ") }) }
    }

    @Test("The sign of the sorting stands in the column that it is about, with a blank before it")
    func sortSign() throws {
        for (index, sort) in HostSort.all.enumerated() {
            let keys = Array(repeating: Key.character("s"), count: index)
            let model = model(7, width: 160, keys: keys)
            let heading = try #require(rows(model).first { $0.hasPrefix("  HOST") })
            switch sort {
            case .order: #expect(!heading.contains("▼") && !heading.contains("▲"))
            case .name: #expect(heading.contains("HOST▲"))
            case .column(let column): #expect(heading.contains(" ▼" + column.row.title), "\(heading)")
            }
        }
    }

    @Test("Under a filter the inspector says how many hosts it hides")
    func filtered() {
        let keys = "/svc-13".unicodeScalars.map { Key.character($0) } + [.enter, .character("2")]
        #expect(rows(model(20, keys: keys))[0].contains("1 of 1, filter hides 19"))
        #expect(rows(model(20, keys: [.character("2")]))[0].contains("1 of 20 "))
    }
}

@Suite("Errors and answers in the table") struct ErrorCellTests {
    private func window(failed: Int = 0, _ status4xx: Int = 0, _ status5xx: Int = 0, of ended: Int) -> RecentFigures {
        var window = RecentFigures()
        window.failed = .exact(failed)
        window.status4xx = .exact(status4xx)
        window.status5xx = .exact(status5xx)
        window.unsuccessful = .exact(failed + status4xx + status5xx)
        window.ended = .exact(ended)
        window.unsuccessfulShare = window.unsuccessful.ratio(to: window.ended)
        return window
    }

    @Test("Errors are a share, with the class where nearly all are of one, and a count where they are few")
    func cells() {
        #expect(HostColumn.errors(window(of: 100)).text == "0")
        #expect(HostColumn.errors(window(failed: 7, of: 1000)).text == "0.7%")
        #expect(HostColumn.errors(window(0, 200, of: 200)).text == "5xx 100%")
        #expect(HostColumn.errors(window(0, 199, of: 200)).text == "5xx 99%")
        #expect(HostColumn.errors(window(150, 0, of: 200)).text == "4xx 75%")
        #expect(HostColumn.errors(window(12, 0, of: 15)).text == "12 4xx")
        #expect(HostColumn.errors(window(failed: 50, 50, 50, of: 200)).text == "75.0%")
        #expect(HostColumn.errors(window(failed: 1, of: 3)).text == "1/3")
        #expect(HostColumn.errors(window(failed: 1, of: 3)).role == .warn, "it may be chance")
        #expect(HostColumn.errors(window(failed: 3, of: 3)).role == .bad)
        #expect(HostColumn.errors(RecentFigures()).text == "-")
    }

    @Test("A share of few events is how many of how many")
    func shares() {
        #expect(Numbers.share(.exact(5), of: .exact(7)) == "5/7")
        #expect(Numbers.share(.exact(19), of: .exact(20)) == "95.0%")
        #expect(Numbers.share(.estimate(5), of: .exact(7)) == "~5/7")
        #expect(Numbers.share(.exact(0), of: .exact(0)) == "-" && Numbers.share(.unknown, of: .exact(7)) == "–")
    }

    @Test("What is answered stands beside what is started where they differ", arguments: [20, 19, 10, 0])
    func answers(answered: Int) throws {
        var window = RecentFigures()
        window.requestsPerSecond = .exact(20)
        window.answeredPerSecond = .exact(Double(answered))
        #expect(window.isBehind == (answered < 19))
    }
}
