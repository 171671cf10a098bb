import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("The list of processes") struct ProcessListTests {
    private func text(_ model: Model, _ width: Int = 120, _ height: Int = 36) -> String {
        render(model, width: width, height: height).plainText()
    }

    private func row(_ name: String, _ model: Model) throws -> String {
        String(try #require(text(model).split(separator: "\n").last { $0.contains(name) }))
    }

    private func press(_ model: inout Model, _ keys: Key...) -> [String] {
        keys.flatMap { update(&model, .key($0)) }.map { "\($0)" }
    }

    @Test("The busiest in new connections comes first, with live rates from its totals")
    func rates() throws {
        let model = WatchStory.model()
        #expect(
            model.visibleProcesses().map(\.id) == [.pid(4711), .pid(5120), .pid(7044), .pid(9001), .user("ann"), .all])
        let node = try row("node app.js", model)
        for figure in ["4711", "web", " 43", "~330", "~333", "~1.0", "~process 100%", "~660", "62%"] {
            #expect(node.contains(figure), "\(figure) in \(node)")
        }
        let java = try row("java -jar", model)
        #expect(java.contains("~410") && java.contains("server 100%") && java.contains("18%") && java.contains(" 0.2 "))
    }

    @Test("Figures that are not known are dashes, and never zero")
    func unknown() throws {
        let envoy = try row("envoy -c", WatchStory.model())
        #expect(envoy.split(separator: " ").filter { $0 == "–" }.count == 2)
        let ann = try row("user ann: sudo shows which process", WatchStory.model())
        #expect(ann.contains("–"))
    }

    @Test("A process that ended stays, dimmed and said to have ended")
    func ended() throws {
        let model = WatchStory.model()
        #expect(try row("curl", model).contains("(ended) curl http://ledger/␛[31m"))
        let frame = render(model, width: 120, height: 36)
        let y = try #require((0..<36).first { frame.rowText($0).contains("(ended)") })
        let x = try #require((0..<120).first { frame[$0, y].scalar == "(" })
        #expect(frame[x, y].style.contains(.dim))
    }

    @Test("Enter asks for the process and shows its overview, and esc goes back to the list and asks for all")
    func choosing() {
        var model = WatchStory.model()
        #expect(model.view == .processes)
        #expect(press(&model, .down, .enter) == ["watch(pid: Optional(5120))"])
        #expect(model.view == .overview)
        var story = WatchStory(pid: 5120, second: 71)
        story.give(to: &model)
        #expect(text(model).contains("watching 5120 node app.js"))
        #expect(press(&model, .escape) == ["watch(pid: nil)"])
        #expect(model.view == .processes)
        story.pid = nil
        story.second = 72
        story.give(to: &model)
        let rows = model.visibleProcesses()
        #expect(model.selectedProcess(among: rows).map { rows[$0].id } == .pid(5120), "the marker is where it was")
        #expect(rows[0].figures.openedPerSecond.value.map { $0 > 300 } == true, "its rates went on meanwhile")
        #expect(press(&model, .enter, .character("0")) == ["watch(pid: Optional(5120))", "watch(pid: nil)"])
    }

    @Test("All processes can be shown together")
    func all() {
        var model = WatchStory.model()
        #expect(press(&model, .character("G"), .enter) == ["watch(pid: nil)"])
        #expect(model.view == .overview)
    }

    @Test("Sockets without a process say why they cannot be opened")
    func unreadable() {
        var model = WatchStory.model()
        #expect(press(&model, .down, .down, .down, .down, .enter).isEmpty)
        #expect(model.notice?.text.contains("open files of ann cannot be read: sudo") == true)
        #expect(model.view == .processes)
    }

    @Test("The marker stays with the process while rows change places")
    func selection() {
        var model = WatchStory.model()
        _ = press(&model, .down)
        let isMarked = { (model: Model) in
            let rows = model.visibleProcesses()
            return model.selectedProcess(among: rows).map { rows[$0].id }
        }
        #expect(isMarked(model) == .pid(5120))
        _ = press(&model, .character("S"))
        #expect(isMarked(model) == .pid(5120))
        _ = press(&model, .character("S"), .character("s"))
        #expect(model.processSort == .requests && isMarked(model) == .pid(5120))
        #expect(model.visibleProcesses().first?.id == .pid(5120))
        #expect(model.visibleProcesses().dropLast().last?.id == .pid(7044), "what is not known comes last")
    }

    @Test("The filter finds commands, users and numbers", arguments: [("java", 5120), ("envo", 7044), ("47", 4711)])
    func filter(typed: String, pid: Int) {
        var model = WatchStory.model()
        for scalar in "/\(typed)".unicodeScalars { _ = press(&model, .character(scalar)) }
        #expect(model.visibleProcesses().map(\.id) == [.pid(pid)])
        #expect(model.filter.isEmpty, "hosts have a filter of their own")
        _ = press(&model, .enter, .escape)
        #expect(model.processFilter.isEmpty && model.view == .processes)
        for scalar in "/zzz".unicodeScalars { _ = press(&model, .character(scalar)) }
        #expect(text(model).contains("no process has “zzz” in its command, user or number"))
    }

    @Test("Without a process there is a line that says so, at every size")
    func empty() {
        var configuration = Configuration()
        configuration.isWatch = true
        configuration.beginsWithProcesses = true
        var model = Model(configuration: configuration)
        #expect(text(model).contains("waiting for the first look"))
        let snapshot = AgentSnapshot(
            sequence: 1, takenAt: 1, uptimeSeconds: 1, keepAlive: true, dnsCacheEnabled: true, draining: false,
            maxTotalSockets: 0, hosts: [], dns: DNSCounts(), dnsRecords: [], process: ProcessSnapshot(), events: [],
            ignoredEvents: 0, source: SourceSnapshot(kind: .watch, name: "", scope: .namespace, processes: []))
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        for (width, height) in [(120, 36), (80, 24), (60, 20)] {
            #expect(text(model, width, height).contains("no process has outbound TCP connections yet"))
        }
        #expect(press(&model, .enter).isEmpty && model.notice?.text == "no process is selected")
        _ = press(&model, .character("1"))
        #expect(text(model).contains("keep-alive –"))
    }

    @Test("A number that was given to another process begins anew, and both rows can be passed")
    func reusedNumber() {
        var history = ProcessHistory()
        let old = ProcessRow(pid: 7, command: "a", user: "u", opened: 1000)
        history.take([old], uptimeSeconds: 1)
        let new = ProcessRow(pid: 7, command: "b", user: "u", opened: 20)
        var ended = old
        ended.hasEnded = true
        history.take([ended, new], uptimeSeconds: 3)
        #expect(history.rows.map { $0.figures.opened } == [.exact(0), .exact(20)])
        history.take([new], uptimeSeconds: 2)
        #expect(history.rows[0].figures.opened == .absent, "a recording was set back")
    }

    @Test("A click selects a process, sorts by a heading and opens a tab")
    func mouse() throws {
        var model = WatchStory.model()
        let rows = text(model).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let y = try #require(rows.firstIndex { $0.contains("java -jar") })
        _ = update(&model, .mouse(x: 12, y: y, .press))
        #expect(model.selectedProcess == .pid(5120))
        let heading = try #require(rows.firstIndex { $0.hasPrefix("  PID") })
        let x = try #require(rows[heading].firstRange(of: "REQ/s")).lowerBound
        _ = update(&model, .mouse(x: rows[heading].distance(from: rows[heading].startIndex, to: x), y: heading, .press))
        #expect(model.processSort == .requests)
        _ = update(&model, .mouse(x: 18, y: 1, .press))
        #expect(model.view == .overview)
    }

    @Test("A recording of a watch shows the list, and says that it has one process only")
    func replay() {
        var configuration = Configuration()
        (configuration.isReplay, configuration.capabilities) = (true, .replay)
        var model = Model(configuration: configuration)
        let story = WatchStory(pid: 4711, second: 5)
        var state = DashboardState()
        state.take(story.snapshot(), utcOffsetSeconds: 0, windowSeconds: 60)
        _ = update(&model, .picture(state, Playback(length: 10)))
        #expect(press(&model, .escape).isEmpty && model.view == .processes)
        #expect(press(&model, .down, .enter).isEmpty)
        #expect(model.notice?.text == "the recording has the connections of 4711 node app.js only")
        #expect(press(&model, .up, .enter).isEmpty && model.view == .overview)
    }
}
