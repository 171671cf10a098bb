import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("Screens of a watched process") struct WatchScreenTests {
    private func text(_ model: Model, _ width: Int = 120, _ height: Int = 36) -> String {
        render(model, width: width, height: height).plainText()
    }

    static let sizes = [(120, 36), (80, 24), (60, 20), (40, 12)]

    @Test("The list of processes equals its golden file", arguments: [GlyphSet.braille, .ascii])
    func listGoldens(_ glyphs: GlyphSet) throws {
        for (width, height) in Self.sizes {
            let model = WatchStory.model(width: width, height: height, glyphs: glyphs)
            try GoldenTests.check(model, name: "processes_\(width)x\(height)_\(GoldenTests.name(glyphs))")
        }
    }

    @Test("A watched process equals its golden files")
    func watchedGoldens() throws {
        for (width, height) in Self.sizes.dropLast() {
            let overview = WatchStory.model(pid: 4711, width: width, height: height)
            try GoldenTests.check(overview, name: "watched_overview_\(width)x\(height)_unicode")
            let inspect = WatchStory.model([.character("2")], pid: 4711, width: width, height: height)
            try GoldenTests.check(inspect, name: "watched_inspect_\(width)x\(height)_unicode")
        }
    }

    @Test(
        "Every key can be pressed and every size be drawn",
        arguments: EverySizeTests.keys + [[.character("0")], [.enter]])
    func everySize(_ keys: [Key]) {
        for (glyphs, pid) in [(GlyphSet.braille, nil), (.ascii, 4711)] {
            let model = WatchStory.model(keys, pid: pid, until: 12, glyphs: glyphs)
            for height in stride(from: 1, through: 80, by: 9) {
                for width in stride(from: 1 + height % 11, through: 250, by: 61) {
                    EverySizeTests.check(model, width, height)
                }
            }
        }
    }

    @Test("The title says what is watched, whether it has ended, and whether the kernel agrees")
    func title() {
        let title = { (model: Model) in render(model, width: 120, height: 36).rowText(0) }
        #expect(title(WatchStory.model()).contains("watching 5 processes"))
        let watched = title(WatchStory.model(pid: 4711))
        #expect(watched.contains("watching 4711 node app.js") && watched.contains("kernel agrees"))
        #expect(watched.contains("keep-alive –") && !watched.contains("ENDED"))
        let ended = WatchStory.model(pid: 4711) {
            $0.hasEnded = true
            $0.kernelSees = 5
        }
        #expect(title(ended).contains("ENDED"))
        #expect(title(ended).contains("kernel counts 23,148, seen 23,143"))
        #expect(text(ended).contains("payments"), "the screen stays")
    }

    @Test("Keys that would act on an agent say why they cannot", arguments: Array("KtdDxfa[]{}ou".unicodeScalars))
    func keys(_ key: Unicode.Scalar) {
        var model = WatchStory.model(pid: 4711)
        #expect(update(&model, .key(.character(key))).isEmpty)
        #expect(model.notice != nil, "\(key)")
        #expect(model.overlay == nil, "\(key)")
    }

    @Test("The key n asks for hosts by address, and then by name again")
    func names() {
        var model = WatchStory.model(pid: 4711)
        let effects = update(&model, .key(.character("n"))) + update(&model, .key(.character("n")))
        #expect(effects.map { "\($0)" } == ["showNames(false)", "showNames(true)"])
        #expect(model.notice?.text.contains("--reverse-dns") == true)
        var own = Told.at90.model
        #expect(update(&own, .key(.character("n"))).isEmpty)
    }

    @Test("A watch has no generator, and other sources have no list of processes")
    func views() {
        var model = WatchStory.model(pid: 4711)
        _ = update(&model, .key(.character("4")))
        #expect(model.view == .overview && model.notice?.text.contains("no generator runs") == true)
        #expect(!text(model).contains("4 Generator") && text(model).contains("0 Processes"))
        var own = Told.at90.model
        _ = update(&own, .key(.character("0")))
        #expect(own.view == .overview)
        #expect(CommandTests.type("view processes", to: &own).isEmpty)
        #expect(own.view == .overview && own.notice?.text == "only pooltop watch has a list of processes")
        #expect(!text(own).contains("0 Processes"))
    }

    @Test("Containers follow from the process's own CPU alone, and say why where it is not known")
    func containers() {
        let model = WatchStory.model(pid: 4711)
        // 0.62 of a core at 60 % each.
        #expect(model.picture.containers.value.map { abs($0 - 0.62 / 0.6) < 0.01 } == true)
        #expect(text(model, 200, 60).contains("CPU of the process: ~1.9 ms per request, ~1.5 ms with keep-alive"))
        let unknown = WatchStory.model(pid: 4711) { $0.certainty[.cpu] = .unknown }
        #expect(text(unknown).contains("the CPU of the process is not known"))
        #expect(text(unknown, 80, 24).contains("CPU is not known"))
    }

    @Test("The inspector lists owners, round trips and what is waited for")
    func inspector() {
        let screen = text(WatchStory.model([.character("2")], pid: 4711, width: 160, height: 50), 160, 50)
        for words in ["PID", "RTT ms", "RETR", "waits ~"] { #expect(screen.contains(words), "\(words)") }
        #expect(screen.contains("Connections as the kernel sees them") && screen.contains("in TIME_WAIT"))
        #expect(screen.contains("Open connections by process") && screen.contains("4711 node app.js"))
        #expect(!screen.contains("idle when server closed"), "of this host none is known")
    }

    @Test("Notes stand under the list and behind the advice")
    func notes() {
        #expect(text(WatchStory.model()).contains("3 connections: open files of ann cannot be read"))
        let advice = text(WatchStory.model([.character("i")], pid: 4711))
        #expect(advice.contains("too short to be seen with their process") && advice.contains("kernel agrees"))
    }

    @Test("Another process begins its own charts, and events keep the names of hosts")
    func otherProcess() {
        var model = WatchStory.model(pid: 4711)
        #expect((model.picture.history.newest ?? 0) > 60)
        var snapshot = WatchStory(pid: 4711, second: 71).snapshot()
        snapshot.events = [AgentNotice(level: .warn, uptimeSeconds: 70.5, hostID: 0, text: "closed 2")]
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        #expect(model.picture.events.lines.last?.hostID == 0)
        WatchStory(pid: 5120, second: 72).give(to: &model)
        #expect(model.picture.history.newest == nil)
        #expect(model.picture.events.lines.last?.text == "payments: closed 2")
        #expect(model.picture.events.lines.last?.hostID == nil, "its number is another host's now")
    }
}
