import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("The list of events")
struct EventListTests {
    private func line(_ text: String, at seconds: Double, host: Int? = 6, _ level: AgentNotice.Level = .warn)
        -> EventLine
    {
        EventLine(localSeconds: seconds, level: level, hostID: host, text: text)
    }

    @Test("What is said again within a minute is one line with a count, at its last time")
    func repeats() {
        var log = EventLog()
        for second in 0..<12 {
            log.append(line("server reset", at: Double(second)))
            log.append(line("refused", at: Double(second), host: 2))
        }
        #expect(log.lines.map(\.count) == [12, 12])
        #expect(log.lines.map(\.localSeconds) == [11, 11])
        #expect(log.total == 24)
        log.append(line("server reset", at: 80))
        #expect(log.lines.map(\.count) == [12, 12, 1], "after a silence it is news")
    }

    @Test("A mark ends the counting: what comes after it may be its doing")
    func marks() {
        var log = EventLog()
        log.append(line("server reset", at: 1))
        log.append(line("K off", at: 2, host: nil, .mark))
        log.append(line("K off", at: 2, host: nil, .mark))
        log.append(line("server reset", at: 3))
        #expect(log.lines.map(\.count) == [1, 1, 1, 1])
    }

    @Test("A line whose text has counts of its own is not counted again, and finds itself wherever it has gone")
    func episodes() {
        var log = EventLog()
        var episode = line("flaky: server reset the connection (×12)", at: 1)
        episode.isEpisode = true
        _ = log.append(line("refused", at: 0, host: 2))
        let first = log.append(episode)
        _ = log.append(line("refused", at: 2, host: 2))
        let second = log.append(episode)
        _ = log.append(line("flaky: server reset the connection (×12)", at: 3))
        #expect(log.lines.map(\.count) == [1, 2, 1, 1])
        log.setText(of: first, to: "the first")
        log.setText(of: second, to: "the second")
        log.setText(of: first - 1, to: "the line that was said again")
        let flaky = log.lines.filter { $0.hostID == 6 }.map(\.text)
        #expect(flaky == ["the first", "the second", "flaky: server reset the connection (×12)"])
        #expect(log.lines.map(\.number) == log.lines.map(\.number).sorted() && log.lines[1].text == "refused")
    }

    private static func model() throws -> Model {
        var model = Told.at90.model
        _ = update(&model, .resize(width: 120, height: 36))
        var snapshot = try #require(model.live.source)
        snapshot.uptimeSeconds += 0.5
        snapshot.sequence += 1
        snapshot.events = (0..<3).map { _ in
            AgentNotice(
                level: .warn, uptimeSeconds: 90, hostID: 6, hostName: "flaky", kind: .idleClosedByPeer(ageSeconds: 2))
        }
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 3600))
        return model
    }

    @Test("The count stands behind the words")
    func shown() throws {
        let model = try Self.model()
        let row = render(model, width: 120, height: 36).plainText().split(separator: "\n").first {
            $0.contains("WARN  flaky")
        }
        #expect(row?.hasSuffix("(×3)") == true, "\(row ?? "")")
    }

    @Test("Enter goes to the host of the line, and says so where there is none")
    func jump() throws {
        var model = try Self.model()
        for key in [Key.character("3"), .enter] { _ = update(&model, .key(key)) }
        #expect(model.view == .inspect && model.selection == 6)
        #expect(render(model, width: 120, height: 36).plainText().contains("Events of this host 2"))
        for key in [Key.character("3"), .down, .enter] { _ = update(&model, .key(key)) }
        #expect(model.view == .events && model.notice?.text.contains("no single host") == true)
        for key in [Key.down, .enter] { _ = update(&model, .key(key)) }
        #expect(model.view == .inspect && model.selection == 3, "legacy's warning")
    }

    @Test("The filter finds texts, hosts and levels")
    func filter() throws {
        var model = try Self.model()
        _ = update(&model, .key(.character("3")))
        for (text, expected) in [("flaky", 2), ("legacy", 1), ("mark", 1), ("GENERATOR", 1), ("nowhere", 0)] {
            _ = update(&model, .key(.character("/")))
            for scalar in text.unicodeScalars { _ = update(&model, .key(.character(scalar))) }
            #expect(model.visibleEvents.count == expected, "\(text)")
            EverySizeTests.check(model, 120, 36)
            _ = update(&model, .key(.enter))
            #expect(model.filter.isEmpty, "the hosts have a filter of their own")
            _ = update(&model, .key(.escape))
            #expect(model.eventFilter.isEmpty && model.view == .events)
        }
    }

    @Test("The marker stays at its line while others come, and the newest stays the newest")
    func marker() throws {
        var model = try Self.model()
        for key in [Key.character("3"), .down, .down] { _ = update(&model, .key(key)) }
        let chosen = model.visibleEvents[model.selectedEvent(among: model.visibleEvents)]
        var snapshot = try #require(model.live.source)
        snapshot.uptimeSeconds += 0.5
        snapshot.sequence += 1
        snapshot.events = [AgentNotice(level: .info, uptimeSeconds: 90.5, hostID: nil, kind: .resolverChanged)]
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 3600))
        #expect(model.visibleEvents[model.selectedEvent(among: model.visibleEvents)] == chosen)
        _ = update(&model, .key(.home))
        #expect(model.selectedEvent(among: model.visibleEvents) == 0 && model.eventNumber == nil)
        _ = update(&model, .key(.end))
        #expect(model.selectedEvent(among: model.visibleEvents) == model.visibleEvents.count - 1)
    }
}
