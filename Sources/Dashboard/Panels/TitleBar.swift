import FleetCore
import PoolModel
import Wording

/// The top line: who, what is on, how much, and whether the picture is live.
enum TitleBar {
    static func draw(_ model: Model, in rect: Rect, on canvas: inout Canvas) {
        let row = rect.rows(0, 1)
        canvas.fill(row, with: Cell(" ", role: .header, style: .reverse))
        let right = state(model)
        let clock = clockText(model.picture)
        let rightWidth = displayWidth(of: right) + clock.utf8.count + 3
        let end = row.width - rightWidth
        let parts =
            model.view == .inspect && model.selection != nil
            ? inspectParts(model, canvas.glyphs) : overviewParts(model, canvas.glyphs, isWide: rect.width >= 100)
        let last = canvas.parts(parts, in: row, x: 1, end: end - 1, gap: 3, style: .reverse)
        guard last < end || row.width < 30 else { return }
        canvas.rightText(
            right + "  " + clock, in: row, end: row.width - 1, role: .header,
            style: isRemarkable(model) ? [.reverse, .bold] : .reverse)
    }

    private static func isRemarkable(_ model: Model) -> Bool {
        model.isPaused || model.staleSeconds != nil || model.fleetProblem != nil || model.sourceFailure != nil
            || model.configuration.isReplay
    }

    private static func clockText(_ picture: DashboardState) -> String {
        if let snapshot = picture.snapshot {
            return Numbers.timeOfDay(picture.localSeconds(uptime: snapshot.uptimeSeconds))
        }
        return picture.fleet.map { Numbers.timeOfDay($0.takenAt + Double(picture.utcOffsetSeconds)) } ?? ""
    }

    private static func state(_ model: Model) -> String {
        if model.configuration.isReplay { return replay(model.playback) }
        if model.isPaused { return "PAUSED" }
        if let problem = model.fleetProblem { return "NO DATA: " + visibleText(problem, limit: 60) }
        if let reason = model.sourceFailure { return "NO DATA: " + visibleText(reason, limit: 40) }
        if let seconds = model.staleSeconds { return "NO DATA for " + Numbers.duration(seconds) }
        if model.isFleet, model.instance == nil { return model.picture.fleet == nil ? "waiting" : "live" }
        guard let snapshot = model.picture.snapshot else { return "waiting" }
        if let note = snapshot.origin?.notes.first(where: { $0.label == .notAnswering }) {
            return "NO DATA: " + visibleText(note.subject ?? "no answer", limit: 40)
        }
        return snapshot.draining ? "DRAINING" : "live"
    }

    /// `REPLAY 2:05 of 10:00 x4`.
    private static func replay(_ playback: Playback?) -> String {
        guard let playback else { return "REPLAY" }
        let state = playback.isPlaying ? "REPLAY" : playback.isAtEnd ? "REPLAY END" : "REPLAY PAUSED"
        let place = "\(Numbers.playingTime(playback.position)) of \(Numbers.playingTime(playback.length))"
        return "\(state) \(place)" + (playback.speed == 1 ? "" : " x\(speed(playback.speed))")
    }

    private static func speed(_ speed: Double) -> String {
        let places = speed == speed.rounded() ? 0 : speed * 10 == (speed * 10).rounded() ? 1 : 2
        return Numbers.fixed(speed, places)
    }

    /// Empty where TLS protects as it should.
    private static func warnings(_ configuration: Configuration) -> [LinePart] {
        let words =
            (configuration.isInsecure ? ["INSECURE TLS"] : []) + (configuration.oldTLS.map { ["OLD TLS \($0)"] } ?? [])
        return words.map { LinePart([Span(visibleText($0, limit: 16), .header, [.bold, .underline])], rank: 0) }
    }

    private static func overviewParts(_ model: Model, _ glyphs: Glyphs, isWide: Bool) -> [LinePart] {
        let configuration = model.configuration
        var parts = [
            LinePart([Span(isWide ? "pooltop \(configuration.version)" : "pooltop", .header, .bold)], rank: 1)
        ]
        parts += warnings(configuration)
        parts.append(LinePart([Span(visibleText(configuration.source, limit: 40), .header)], rank: 7))
        if model.isFleet, model.instance == nil { return parts + fleetParts(model) }
        guard let snapshot = model.picture.snapshot else { return parts }
        if let origin = snapshot.origin, origin.isOfOtherProcess {
            return Array(parts.dropLast()) + watchParts(origin, snapshot, model, glyphs)
        }
        parts.append(LinePart(keepAlive(snapshot, model, glyphs, isWide: isWide), rank: 0))
        if snapshot.dnsCacheEnabled.isFalse { parts.append(LinePart([Span("DNS cache OFF", .header, .bold)], rank: 2)) }
        if let load = snapshot.load { parts.append(LinePart(loadSpans(load), rank: 3)) }
        parts.append(LinePart([Span("up \(Numbers.age(snapshot.uptimeSeconds))", .header)], rank: 5))
        return parts
    }

    /// `watching 4711 node app.js   ended   kernel agrees   keep-alive –`, `attached to 4711 node app.js   …`.
    private static func watchParts(
        _ origin: SourceSnapshot, _ snapshot: ShownSnapshot, _ model: Model, _ glyphs: Glyphs
    ) -> [LinePart] {
        let count = model.picture.processes.rows.count
        let isList = model.view == .processes && origin.pid == nil
        let title =
            isList && origin.scope == .namespace
            ? "\(Numbers.grouped(count)) process\(count == 1 ? "" : "es")" : visibleText(origin.title, limit: 40)
        var parts = [LinePart([Span("\(origin.verb) \(title)", .header, .bold)], rank: 0)]
        if origin.hasEnded { parts.append(LinePart([Span("ENDED", .header, [.bold, .underline])], rank: 0)) }
        if model.configuration.isReplay {
            parts.append(LinePart([Span(visibleText(model.configuration.source, limit: 40), .header)], rank: 7))
        }
        if let kernel = origin.kernel {
            parts.append(
                LinePart([Span(kernel.words, .header, kernel.agrees ? [] : .bold)], rank: kernel.agrees ? 5 : 2))
        }
        if origin.kind == .attach {
            parts.append(LinePart(keepAlive(snapshot, model, glyphs, isWide: false), rank: 1))
        } else if !isList {
            parts.append(
                LinePart(
                    [Span("keep-alive ", .header), switchSpan(snapshot.keepAlive, glyphs, role: .header)], rank: 6))
        }
        if origin.kind == .fleet {
            parts.append(LinePart([Span("of \(visibleText(model.configuration.source, limit: 40))", .header)], rank: 5))
        } else {
            parts.append(LinePart([Span("up \(Numbers.age(snapshot.uptimeSeconds))", .header)], rank: 4))
        }
        return parts
    }

    /// `5 instances, 1 gone   rates over 1 min`.
    private static func fleetParts(_ model: Model) -> [LinePart] {
        guard let fleet = model.picture.fleet?.fleet, fleet.ageSeconds != nil else { return [] }
        let count = fleet.instances.count
        let gone = fleet.instances.count(where: \.isGone)
        var text = "\(Numbers.grouped(count)) instance\(count == 1 ? "" : "s")"
        if gone > 0 { text += ", \(Numbers.grouped(gone)) gone" }
        return [
            LinePart([Span(text, .header, .bold)], rank: 0),
            LinePart([Span("rates over \(Numbers.duration(fleet.windowSeconds))", .header)], rank: 5),
        ]
    }

    /// The process whose connections to the host are shown.
    private static func watched(_ model: Model) -> [LinePart] {
        guard let origin = model.picture.snapshot?.origin, origin.isOfOtherProcess else { return [] }
        let ended = origin.hasEnded ? " ENDED" : ""
        return [
            LinePart(
                [
                    Span(
                        "\(origin.verb) \(visibleText(origin.title, limit: 24))\(ended)",
                        .header)
                ], rank: 3)
        ]
    }

    private static func keepAlive(
        _ snapshot: ShownSnapshot, _ model: Model, _ glyphs: Glyphs, isWide: Bool
    ) -> [Span] {
        let other = snapshot.hosts.count { host in snapshot.keepAlive.with(host.keepAlive) { $0 != $1 }.isTrue }
        var spans = [
            Span(isWide ? "HTTP keep-alive " : "keep-alive ", .header),
            switchSpan(snapshot.keepAlive, glyphs, role: .header),
        ]
        if other > 0 {
            let exception = snapshot.keepAlive.isTrue ? "off" : "on"
            spans.append(
                Span(
                    " (\(exception) for \(Numbers.grouped(other)) of \(Numbers.grouped(snapshot.hosts.count)))", .header
                ))
        }
        return spans
    }

    private static func loadSpans(_ load: LoadSnapshot) -> [Span] {
        if load.paused { return [Span("load paused", .header, .bold)] }
        if let target = load.targetPerSecond { return [Span("load \(Numbers.rate(target)) req/s", .header)] }
        return [Span("load \(Numbers.grouped(load.concurrency ?? 0)) in flight", .header)]
    }

    /// The hosts that a filter keeps out of the count; empty where it keeps none.
    private static func others(_ model: Model, _ shown: Int) -> String {
        let all = model.picture.snapshot?.hosts.count ?? 0
        return shown < all ? ", filter hides \(Numbers.grouped(all - shown))" : ""
    }

    private static func inspectParts(_ model: Model, _ glyphs: Glyphs) -> [LinePart] {
        let hosts = model.visibleHosts().sorted { $0.id < $1.id }
        guard let id = model.selection, let index = hosts.firstIndex(where: { $0.id == id }) else { return [] }
        let host = hosts[index]
        var keepAlive = [Span("keep-alive ", .header), switchSpan(host.keepAlive, glyphs, role: .header)]
        if host.keepAliveIsOwn { keepAlive.append(Span(" (own)", .header)) }
        return [
            LinePart([Span("pooltop", .header, .bold)], rank: 4)
        ] + warnings(model.configuration) + [
            LinePart([Span("\(glyphs.arrow) \(host.name)", .header, .bold)], rank: 0)
        ] + watched(model) + [
            LinePart([Span(host.origin, .header)], rank: 5),
            LinePart(keepAlive, rank: 1),
            LinePart(
                [
                    Span(
                        "\(Numbers.grouped(index + 1)) of \(Numbers.grouped(hosts.count))\(others(model, hosts.count))",
                        .header)
                ], rank: 2),
        ]
    }
}
