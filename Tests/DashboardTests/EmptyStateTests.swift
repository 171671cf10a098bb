import Testing

@testable import Dashboard
@testable import PoolModel

@Suite struct EmptyStateTests {
    private func text(_ model: Model, _ width: Int = 120, _ height: Int = 36) -> String {
        render(model, width: width, height: height).plainText()
    }

    @Test("The screen works before the first snapshot")
    func noSnapshotYet() {
        let model = Model()
        #expect(text(model).contains("waiting for the first snapshot"))
        #expect(text(model, 15, 1).hasPrefix("waiting"))
        #expect(model.wantsSockets == nil)
    }

    @Test("The screen works without hosts")
    func noHosts() {
        var model = Model()
        var story = Story()
        story.hosts = []
        _ = update(&model, .snapshot(story.snapshot(socketsOf: nil), utcOffsetSeconds: 0))
        #expect(text(model).contains("no host yet"))
        for view in View.allCases {
            model.view = view
            for (width, height) in [(120, 36), (80, 24), (60, 20), (40, 12), (25, 6)] { _ = text(model, width, height) }
        }
    }

    @Test("The screen works without traffic")
    func noTraffic() {
        var model = Model()
        var story = Story()
        for second in 0..<20 {
            story.uptime = Double(second)
            story.give(to: &model)
        }
        let screen = text(model)
        #expect(screen.contains("HTTP 0/s"))
        #expect(screen.contains("reuse -"), "nothing was reused, and nothing was not")
    }

    @Test("The screen says that nothing matches the filter")
    func nothingMatchesTheFilter() {
        var model = Told.at90.model
        for key in "/zzz".unicodeScalars { _ = update(&model, .key(.character(key))) }
        #expect(text(model).contains("no host has “zzz” in its name"))
        #expect(model.selection == nil)
    }

    @Test("The screen works if everything fails")
    func everythingFails() {
        var (model, story) = Story.played(until: 60)
        story.refusing = Set(0..<7)
        story.tell(until: 75, to: &model)
        let frame = render(model, width: 120, height: 36)
        let rows = frame.plainText().split(separator: "\n")
        #expect(rows.filter { $0.contains("100%") && $0.contains("! refused") }.count == 7)
        #expect(rows[2].contains("err 100%"))
        let red = frame.cells.filter { $0.role == .bad }.map(\.scalar)
        #expect(red.contains("!"))
        #expect(text(model, 40, 12).contains("100%") && text(model, 30, 8).contains("FAILS"))
        #expect(
            model.live.events.lines.contains {
                $0.text.hasPrefix("ledger: connection refused (127.0.0.1:")
            })
    }

    @Test("The selection is never reversed")
    func selectionIsNeverReversed() {
        let model = Told.at90.model
        let frame = render(model, width: 120, height: 36)
        let row = (0..<36).first { frame[0, $0].scalar == "▌" }
        let y = row ?? 0
        #expect(row != nil)
        let isReversed = (0..<20).contains { frame[$0, y].style.contains(.reverse) }
        #expect(!isReversed && frame[2, y].style.contains(.bold))
    }

    /// A notice from the agent itself is not repeated.
    @Test("A recovery is reported once")
    func recoveryIsSaidOnce() {
        var (model, story) = Story.played(until: 20)
        func notice(_ kind: AgentNotice.Kind, _ level: AgentNotice.Level) -> AgentNotice {
            AgentNotice(level: level, uptimeSeconds: story.uptime, hostID: 3, hostName: "legacy", kind: kind)
        }
        let before = model.live.events.total
        story.refusing = [3]
        story.events.append(notice(.hostUnreachable(.connectRefused, nil), .warn))
        story.tell(until: 25, to: &model)
        story.refusing = []
        story.step()
        story.hosts[3].lastConnectFailure = nil
        story.events.append(notice(.hostReachable, .info))
        story.give(to: &model)
        // The requests of the last ten seconds failed for the most part; that is over only when they have passed.
        story.tell(until: 40, to: &model)
        let lines = model.live.events.lines.suffix(model.live.events.total - before).map(\.text)
        #expect(lines.filter { $0.hasPrefix("legacy: connection refused") }.count == 1)
        #expect(lines.filter { $0 == "legacy: answers again" }.count == 1)
        #expect(!lines.contains { $0.contains("reachable") })
    }
}
