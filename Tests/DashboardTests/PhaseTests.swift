import Foundation
import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("Phases of a request") struct PhaseTests {
    /// So many requests on new and on used connections; one of ten new connections had to ask DNS.
    private func host(new: Int, reused: Int, wait: Double = 0) -> HostSnapshot {
        var host = Story.host(id: 0, name: "catalog")
        host.metrics.requests.onNewConnection = new
        host.metrics.requests.onReusedConnection = reused
        host.metrics.connections.opened = new
        for index in 0..<new {
            host.metrics.latency.connect.record(.milliseconds(2))
            if index % 10 == 0 { host.metrics.latency.dnsLookup.record(.milliseconds(50)) }
            host.metrics.latency.queueWait.record(.milliseconds(7) + .seconds(wait))
        }
        for _ in 0..<reused { host.metrics.latency.queueWait.record(.seconds(wait)) }
        for _ in 0..<(new + reused) { host.metrics.latency.service.record(.milliseconds(10)) }
        return host
    }

    private func means(_ host: HostSnapshot, since before: HostSnapshot? = nil) -> PhaseMeans {
        PhaseMeans(
            host.figures, PhaseSums(host.metrics),
            window: before.map { (PhaseSums(host.metrics), PhaseSums($0.metrics)) })
    }

    private func isAbout(_ figure: Figure<Double>, _ milliseconds: Double) -> Bool {
        figure.value.map { abs($0 * 1000 - milliseconds) <= max(0.05, milliseconds * 0.02) } ?? false
    }

    @Test("A lookup is shared out over the connections that it served, and a wait for a new one is not counted twice")
    func onNewConnections() {
        let new = means(host(new: 100, reused: 0)).new
        #expect(isAbout(new.lookup, 5) && isAbout(new.connect, 2))
        #expect(isAbout(new.wait, 0) && isAbout(new.service, 10) && isAbout(new.total, 17), "\(new)")
    }

    @Test("A wait for a free connection is left")
    func waiting() {
        let means = means(host(new: 100, reused: 900, wait: 0.3))
        #expect(isAbout(means.new.wait, 300) && isAbout(means.reused.wait, 300))
        #expect(isAbout(means.reused.total, 310))
    }

    @Test("A column without a request has no figure")
    func emptyColumns() {
        let off = means(host(new: 10, reused: 0))
        #expect(off.reused == PhaseMeans.Column() && off.new.service.value != nil)
        let on = means(host(new: 0, reused: 10))
        #expect(on.new == PhaseMeans.Column() && on.reused.service.value != nil)
    }

    @Test("The window comes first, and all time where it has none of the kind")
    func windows() {
        let before = host(new: 100, reused: 0)
        var after = before
        after.metrics.requests.onReusedConnection += 50
        for _ in 0..<50 { after.metrics.latency.service.record(.milliseconds(30)) }
        let means = means(after, since: before)
        #expect(isAbout(means.reused.service, 30))
        #expect(isAbout(means.new.lookup, 5) && means.new.isOfAllTime && !means.reused.isOfAllTime)
    }

    @Test("The panel shows dashes where there are no samples")
    func panel() throws {
        let model = Told.at30.model
        var inspecting = model
        _ = update(&inspecting, .resize(width: 120, height: 36))
        _ = update(&inspecting, .key(.character("2")))
        let rows = render(inspecting, width: 120, height: 36).plainText().split(separator: "\n")
        let total = try #require(rows.first { $0.contains(" total ") })
        let cells = total.split(separator: " ").drop { $0 != "total" }
        #expect(cells.dropFirst(2).first == "-", "HTTP keep-alive was never on: nothing was reused")
    }
}
