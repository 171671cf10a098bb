import PoolModel
import Testing

@testable import Dashboard

@Suite("The view of the generator") struct GeneratorViewTests {
    private static let url = "http://catalog.pooltop.test/item"

    /// The rows of the mix whose request is to catalog, after ten seconds of two targets there.
    private func rows(isCounted: Bool) -> [[String]] {
        var model = Model()
        _ = update(&model, .resize(width: 120, height: 36))
        _ = update(&model, .key(.character("4")))
        for second in 0...10 {
            var snapshot = Told.at90.story.snapshot(socketsOf: nil)
            snapshot.sequence = second + 1
            snapshot.uptimeSeconds = Double(second)
            let counts = [(300, 270, 30), (100, 100, 0)].map { ($0 * second, $1 * second, $2 * second) }
            snapshot.load?.targets = zip(["first", "second"], counts).map { name, counts in
                LoadSnapshot.LoadTarget(
                    name: name, url: Self.url, method: "GET", weight: 1, planned: counts.0,
                    succeeded: isCounted ? counts.1 : nil, failed: isCounted ? counts.2 : nil, hostID: 0)
            }
            _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        }
        return render(model, width: 120, height: 36).plainText().split(separator: "\n")
            .filter { $0.contains(Self.url) }.map { $0.split(separator: " ").map(String.init) }
    }

    @Test("Two targets of one origin have separate figures although they share a pool")
    func twoTargetsOfOneOrigin() {
        let rows = rows(isCounted: true)
        #expect(rows.count == 2)
        #expect(rows.first?.contains("270") == true && rows.first?.contains("10.0%") == true, "\(rows)")
        #expect(rows.last?.contains("100") == true && rows.last?.contains("0") == true, "\(rows)")
    }

    @Test("A host that carries two targets has both names in the table, and a filter finds it by either")
    func bothNames() {
        var model = Model()
        _ = update(&model, .resize(width: 120, height: 36))
        var snapshot = Told.at90.story.snapshot(socketsOf: nil)
        let target = snapshot.load?.targets[0]
        snapshot.load?.targets += ["orders", "orders", "carts"].compactMap { name in
            var other = target
            other?.name = name
            return other
        }
        #expect(snapshot.load?.sharedNames == [0: "catalog, orders, +1"])
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        let rows = render(model, width: 120, height: 36).plainText().split(separator: "\n")
        #expect(rows.contains { $0.contains("catalog, orders, +1 ") })
        for key in "/orders".unicodeScalars { _ = update(&model, .key(.character(key))) }
        #expect(model.visibleHosts().map(\.id) == [0])
    }

    @Test("A recording in which they were not counted shows none")
    func notCounted() {
        for row in rows(isCounted: false) { #expect(row.filter { $0 == "-" || $0 == "–" }.count == 2, "\(row)") }
    }
}
