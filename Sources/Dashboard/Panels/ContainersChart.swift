import PoolModel
import Wording

/// How many containers the load would need by the capacity model, from the measured CPU per request.
enum ContainersChart {
    static func draw(_ model: Model, in rect: Rect, hasAxisRow: Bool, on canvas: inout Canvas) {
        let picture = model.picture
        let now = picture.containers
        canvas.title(
            rect.width < 50 ? "Containers (est.)" : "Containers needed (estimate)",
            note: note(picture, canvas.glyphs, isNarrow: rect.width < 50), in: rect)
        let chart = ChartLayout(model, in: rect, hasAxisRow: hasAxisRow, glyphs: canvas.glyphs)
        guard chart.isDrawable else { return }
        let top = picture.axes.containers.top
        canvas.verticalAxis(chart, labels: AxisLabels.linear(top: top, rows: chart.plot.height, unit: ""))
        if picture.containers.isUnknown {
            canvas.timeAxis(chart)
            return canvas.whyEmpty(chart, whyUnknown(picture))
        }
        let values = chart.values(picture.history.seconds) { $0.containers }
        canvas.fillColumns(chart, values, top: top, role: .text)
        canvas.markLines(chart)
        canvas.textIfFree(FirstRun.containers(model) + measured(picture), in: chart.plot.rows(0, 1), role: .label)
        canvas.timeAxis(chart)
        // The title says that it is an estimate, whatever it is made of.
        let text = now.isUnknown ? Numbers.containers(now) : now.value.map { Numbers.containers($0) }
        if let text { canvas.endLabels(chart, [(text, min(1, (now.value ?? 0) / top), .text)]) }
    }

    /// The longest first.
    private static func whyUnknown(_ picture: DashboardState) -> [String] {
        let certainty = picture.snapshot?.certainty ?? Certainties()
        if certainty[.cpu] == .unknown {
            return ["the CPU of the process is not known", "CPU is not known", "CPU –"]
        }
        return ["requests are not known, so neither is CPU per request", "requests are not known", "REQ –"]
    }

    /// `CPU of the process: ~0.45 ms per request, about ~0.30 ms with keep-alive`, of another one.
    private static func measured(_ picture: DashboardState) -> [String] {
        guard picture.snapshot?.origin?.isOfOtherProcess == true, let perRequest = picture.cpuPerRequest.value else {
            return []
        }
        let figure = picture.cpuPerRequest.text { _ in Numbers.duration(perRequest) }
        var texts = ["CPU of the process: \(figure) per request", "CPU \(figure) per request", "CPU \(figure)"]
        if let kept = withKeepAlive(picture, perRequest) {
            let other = "~\(Numbers.duration(kept)) with keep-alive"
            texts.insert(
                contentsOf: [texts[0] + ", \(other)", texts[1] + ", \(other)", "CPU/req \(figure), \(other)"], at: 0)
        }
        return texts
    }

    /// CPU that the process would spend per request if its connections were kept; nil where they are.
    private static func withKeepAlive(_ picture: DashboardState, _ perRequest: Double) -> Double? {
        guard let requests = picture.total.requestsPerSecond.value, requests > 0 else { return nil }
        var (plain, tls) = (0.0, 0.0)
        for (host, figures) in zip(picture.snapshot?.hosts ?? [], picture.windows) {
            let opened = (figures.openedPerSecond.value ?? 0) / requests
            if host.isTLS { tls += opened } else { plain += opened }
        }
        guard plain + tls >= 0.1 else { return nil }
        return ConnectionCost.forecast(
            cpuSecondsPerRequest: perRequest, plainPerRequest: plain, tlsPerRequest: tls)
    }

    private static func note(_ picture: DashboardState, _ glyphs: Glyphs, isNarrow: Bool) -> [Span] {
        if let since = picture.sinceMark, let before = since.before.containers, let after = since.after.containers {
            let words = isNarrow ? "" : "since \(since.label): "
            return [
                Span(words, .label),
                Span("\(Numbers.containers(before)) \(glyphs.arrow) \(Numbers.containers(after))", .text, .bold),
            ]
        }
        guard let now = picture.containers.value else { return [] }
        return [Span("now ", .label), Span(Numbers.containers(now), .text, .bold)]
    }
}
