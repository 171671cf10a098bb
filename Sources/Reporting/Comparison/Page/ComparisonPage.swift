import Experiment
import PlainDocuments
import PoolModel
import SessionConfig

/// The report as a single file: HTML with charts in SVG, no external resources, no script.
struct ComparisonPage {
    var report: ComparisonReport

    private var comparison: Comparison { report.comparison }

    var html: String {
        let title = "pooltop compare: \(report.plan.a.texts) vs \(report.plan.b.texts)"
        let head =
            Markup.element("meta", ["charset": "utf-8"])
            + Markup.element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
            + Markup.element("title", [:], Markup.escaped(title)) + Markup.element("style", [:], PageStyle.css)
        let blocks = [heading, findings, charts, figures, hosts, errors, capacity, guardRails, checks, footing]
        let body = Markup.element("main", [:], blocks.joined(separator: "\n"))
        return "<!doctype html>\n<html lang=\"en\"><head>\(head)</head>\n<body>\(body)</body></html>\n"
    }

    // MARK: What it is about

    private var heading: String {
        let arms = Arm.allCases.map { arm in
            let name = Markup.element("b", ["class": "arm \(arm.rawValue)"], arm == .a ? "A" : "B")
            return Markup.element(
                "p", [:], name + " " + Markup.element("code", [:], Markup.escaped(report.plan.changes(of: arm).texts)))
        }
        let load = ComparisonWords.load(report).joined(separator: ", ")
        let alarms = TLSWeakness(report.plan.session.tls).sentences.map { Markup.element("p", ["class": "alarm"], $0) }
        let chance = report.plan.isAA ? quiet("Both arms are the same, so every difference is chance.") : ""
        return Markup.element("h1", [:], Markup.escaped(ComparisonWords.question(report.plan))) + arms.joined()
            + quiet(load) + chance + alarms.joined()
    }

    private var advice: ComparisonAdvice { ComparisonAdvice(report: report) }

    private func quiet(_ text: String) -> String { Markup.element("p", ["class": "quiet"], Markup.escaped(text)) }

    private var findings: String {
        if let down = advice.targetDown {
            return Markup.element("p", ["class": "alarm"], Markup.escaped("The target is down: \(down)."))
        }
        guard comparison.isComparable else {
            let reasons = advice.objections.joined(separator: "; ")
            return Markup.element("p", ["class": "alarm"], Markup.escaped("Not comparable: \(reasons)."))
        }
        let tiles = ComparisonWords.findings(comparison).map { Markup.element("li", [:], Markup.escaped($0)) }
        let containers = [comparison.capacity.a, comparison.capacity.b].compactMap { $0?.containers }
        var all = tiles
        if containers.count == 2, containers[0].value != containers[1].value {
            all.append(
                Markup.element(
                    "li", [:], Markup.escaped("\(containers[1].value) containers in place of \(containers[0].value)")))
        }
        return Markup.element("ul", ["class": "findings"], all.joined())
            + (ClientWords(report: report).sentences + advice.cautions + advice.setAside).map(quiet).joined()
    }

    // MARK: Charts

    private var charts: String {
        let timeline = report.record.timeline
        guard !timeline.points.isEmpty, !comparison.isTargetDown else { return "" }
        let rates = RateCharts(timeline: timeline)
        let shading = "Shaded: B is in force. Bars under a chart: the windows that were measured."
        return figure(
            "HTTP requests vs new TCP connections", "Per second. \(shading)",
            legend([("http", "HTTP requests"), ("tcp", "new TCP connections")]), rates.requestsAndConnections)
            + figure(
                "HTTP vs TCP vs DNS", "Per second, on a logarithmic scale.",
                legend([("http", "HTTP requests"), ("tcp", "new TCP connections"), ("dns", "DNS queries")]),
                rates.threeRates)
            + figure(
                "Containers needed", containerCaption, "",
                ContainersFigure(timeline: timeline, capacity: comparison.capacity).svg)
            + figure(
                "New connections at each downstream",
                "The stronger the colour, the more per second; the means of A and B beside it.",
                "", OpeningsFigure(timeline: timeline, comparison: comparison).svg)
    }

    private var containerCaption: String {
        let model = comparison.capacity.model
        let rate = comparison.capacity.requestsPerSecond.map { "\(NumberFormat.rate($0)) requests/s" } ?? "requests/s"
        return
            "\(rate) × (\(NumberFormat.duration(model.ownCPUSecondsPerRequest)) of the service's own CPU + the agent's "
            + "measured CPU per request) ÷ (\(NumberFormat.count(model.cores)) × "
            + "\(ComparisonWords.percent(model.utilisation))); the line is the figure before rounding up."
    }

    private func figure(_ title: String, _ caption: String, _ legend: String, _ svg: String) -> String {
        Markup.element(
            "figure", [:],
            Markup.element("h2", [:], Markup.escaped(title)) + legend + svg
                + Markup.element("figcaption", [:], Markup.escaped(caption)))
    }

    private func legend(_ entries: [(kind: String, label: String)]) -> String {
        let items = entries.map { Markup.element("span", ["class": "key \($0.kind)"], Markup.escaped($0.label)) }
        return Markup.element("p", ["class": "legend"], items.joined())
    }

    // MARK: Tables

    private var figures: String {
        guard comparison.pairs > 0, !comparison.isTargetDown else { return "" }
        let rows = comparison.metrics.filter { !$0.comparison.isEmpty }.map {
            cells($0.metric.label, $0.comparison, $0.metric.unit)
        }
        let caption =
            "Ratios of the pairs' geometric means, with intervals by the sign-flip test; p by the signed-rank test over "
            + "\(comparison.pairs) pairs. The grey band counts as no difference."
        return figure(
            "Every figure, B ÷ A", caption, "",
            RatioFigure(comparison: comparison, equivalence: report.plan.experiment.equivalence).svg)
            + table(["", "A", "B", "B ÷ A", "95 % interval", "p", "verdict"], rows)
            + ([ComparisonWords.samples(comparison)] + advice.errorRates).map(quiet).joined()
    }

    private var hosts: String {
        guard comparison.pairs > 0, comparison.hosts.count > 1 else { return "" }
        let rows = comparison.hosts.map { cells($0.name, $0.connectionsPerSecond, .perSecond) }
        return Markup.element("h2", [:], "New connections by downstream")
            + table(["", "A", "B", "B ÷ A", "95 % interval", "p", "verdict"], rows)
    }

    private func cells(_ label: String, _ metric: MetricComparison, _ unit: Metric.Unit) -> [String] {
        [
            label, ComparisonWords.value(metric.a, unit), ComparisonWords.value(metric.b, unit),
            ComparisonWords.ratio(metric.ratio), ComparisonWords.interval(metric.interval),
            ComparisonWords.p(metric.adjustedP ?? metric.p),
            ComparisonWords.verdict(metric, isComparable: comparison.isComparable),
        ]
    }

    private var errors: String {
        let rows = Arm.allCases.compactMap { arm -> [String]? in
            let errors = ComparisonWords.errors(report.record.totals[arm])
            return errors.isEmpty ? nil : [arm == .a ? "A" : "B", errors.joined(separator: ", ")]
        }
        return rows.isEmpty ? "" : Markup.element("h2", [:], "Errors") + table(["", ""], rows)
    }

    private var capacity: String {
        guard let rate = comparison.capacity.requestsPerSecond, let a = comparison.capacity.a,
            let b = comparison.capacity.b
        else { return "" }
        let rows = CapacityWords(comparison.capacity, a, b).rows.map { [$0.label, $0.a, $0.b, $0.note] }
        return Markup.element("h2", [:], Markup.escaped("At \(ComparisonWords.value(rate, .count)) requests/s"))
            + table(["", "A", "B", ""], rows)
    }

    private var guardRails: String {
        guard !comparison.isTargetDown else { return "" }
        let rows = comparison.guardRails.map { rail in
            [
                ComparisonWords.name(rail.kind), ComparisonWords.value(rail, rail.value), ComparisonWords.limit(rail),
                rail.passed ? "met" : "NOT MET",
            ]
        }
        return Markup.element("h2", [:], "Guard rails") + table(["", "seen", "limit", ""], rows)
    }

    private var checks: String {
        guard !report.checks.isEmpty else { return "" }
        let rows = report.checks.map { [$0.check.text, $0.valueText, $0.passed ? "met" : "NOT MET"] }
        return Markup.element("h2", [:], "Checks on B") + table(["", "seen", ""], rows)
    }

    private func table(_ titles: [String], _ rows: [[String]]) -> String {
        let head = titles.map { Markup.element("th", [:], Markup.escaped($0)) }.joined()
        let body = rows.map { row in
            Markup.element("tr", [:], row.map { Markup.element("td", [:], Markup.escaped($0)) }.joined())
        }
        let inner =
            Markup.element("thead", [:], Markup.element("tr", [:], head))
            + Markup.element("tbody", [:], body.joined(separator: "\n"))
        return Markup.element("div", ["class": "wide"], Markup.element("table", [:], inner))
    }

    private var footing: String {
        let begun = report.record.startedAt.map { "begun \(Timestamp.text($0)), " } ?? ""
        return Markup.element(
            "footer", ["class": "quiet"],
            Markup.escaped("pooltop \(ProductVersion.current), \(begun)as data: --format json"))
    }
}
