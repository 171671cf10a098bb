import Testing
import Wording

@testable import Dashboard
@testable import PoolModel

/// The names that panels have for things.
@Suite("Words of panels") struct PanelWordsTests {
    private func inspector(_ width: Int = 120, _ change: (inout AgentSnapshot) -> Void) -> String {
        var (model, story) = Told.at90
        _ = update(&model, .resize(width: width, height: 36))
        _ = update(&model, .key(.character("2")))
        story.uptime += 0.5
        var snapshot = story.snapshot(socketsOf: 0)
        snapshot.sequence += 1
        change(&snapshot)
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        return render(model, width: width, height: 36).plainText()
    }

    @Test("A stale record says for how long, and who does not answer")
    func stale() {
        let screen = inspector { $0.dnsRecords[0].remainingSeconds = -11 }
        #expect(screen.contains("stale for 11 s") && screen.contains("DNS server does not answer"))
    }

    @Test("An address that cannot be dialled is suspect, with the reason where there is room", arguments: [120, 140])
    func suspects(width: Int) {
        let screen = inspector(width) { $0.hosts[0].addresses[0].isSuspect = true }
        #expect(screen.contains(width == 140 ? "suspect: last dial failed" : " suspect"))
    }

    @Test("A close that repeats ours is not the server's", arguments: [true, false])
    func echo(isOn: Bool) {
        let screen = inspector {
            $0.hosts[0].keepAlive = isOn
            $0.hosts[0].head?.fields[1].value = "close"
        }
        let row = screen.split(separator: "\n").first { $0.contains("Keep-Alive: timeout=60") } ?? ""
        #expect(row.hasPrefix(" Connection: close" + (isOn ? "   " : " (as we asked)   ")), "\(row)")
    }

    @Test(
        "What is in flight and never answered is said where response times are, with the silence",
        arguments: [120, 160])
    func inFlight(width: Int) {
        let screen = inspector(width) {
            $0.hosts[0].inFlightAges = [
                InFlightAge(atLeastSeconds: 3, requests: 20, inBody: 0),
                InFlightAge(atLeastSeconds: 13, requests: 1044, inBody: 4),
            ]
            $0.hosts[0].oldestActiveSeconds = 14
            $0.hosts[0].silentSeconds = 14
        }
        #expect(screen.contains("in flight >1 s 1,064  half >13 s  oldest 14 s"))
        #expect(screen.contains("silent 14 s"))
        #expect(!inspector(width) { $0.hosts[0].inFlightAges = [] }.contains("in flight >1 s"))
        #expect(!inspector(width) { $0.hosts[0].inFlightAges = nil }.contains("in flight >1 s"))
    }

    @Test("Limits of thousands push what stands behind them")
    func largeLimits() {
        let screen = inspector(160) {
            $0.hosts[0].maxSockets = 5000
            $0.hosts[0].metrics.connections.active = 4990
            $0.hosts[0].metrics.connections.idle = 10
        }
        #expect(screen.contains("5,000 of 5,000 maxSockets"))
    }

    @Test("Where keep-alive is not the same for all hosts the title says for how many", arguments: [true, false])
    func exceptions(isOn: Bool) {
        var (model, story) = Story.played(until: 2)
        story.keepAlive = isOn
        for index in story.hosts.indices { story.hosts[index].keepAlive = index == 3 ? !isOn : isOn }
        story.give(to: &model)
        let title = render(model, width: 120, height: 36).rowText(0)
        #expect(title.contains(isOn ? "ON (off for 1 of 7)" : "OFF (on for 1 of 7)"))
    }

    @Test("The reasons of closes say who did what, in a column of the table", arguments: CloseReason.allCases)
    func reasons(reason: CloseReason) {
        #expect(reason.shortLabel.count <= 17 && reason.longLabel.count <= 29, "\(reason.longLabel)")
    }
}
