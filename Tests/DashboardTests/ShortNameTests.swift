import Testing
import Wording

@testable import Dashboard
@testable import PoolModel

/// Names that are too long for their column.
@Suite("Short names") struct ShortNameTests {
    private let long = (0..<17).map { "orders-backend-\($0 < 10 ? "00" : "0")\($0).production.example.com:8080" }

    @Test("Names that differ in their middle keep the part in which they differ", arguments: [12, 20, 24, 30])
    func middles(width: Int) {
        let short = shortNames(long, to: width, ellipsis: "…")
        #expect(Set(short).count == 17)
        #expect(short.allSatisfy { displayWidth(of: $0) <= width })
        #expect(short[3].contains("…003…") && short[16].contains("…016…"), "\(short[3])")
        #expect(shortNames(long, to: 24, ellipsis: "…")[3] == "orders…003…mple.com:8080")
    }

    @Test("Names that differ at their ends, or fit, or are the same, are cut as ever")
    func others() {
        #expect(
            shortNames(["a-long-name:8081", "a-long-name:8082"], to: 8, ellipsis: "…") == ["a-…:8081", "a-…:8082"])
        #expect(shortNames(["shop", "cart"], to: 8, ellipsis: "…") == ["shop", "cart"])
        let same = shortNames(["orders-backend", "orders-backend"], to: 8, ellipsis: "…")
        #expect(same[0] == same[1] && same[0].count == 8)
        #expect(shortNames([], to: 8, ellipsis: "…").isEmpty)
    }

    @Test("No width, no script and no likeness of names makes one wider than its column", arguments: 0...30)
    func widths(width: Int) {
        let names = long + ["支付服务后端一号集群:8080", "支付服务后端二号集群:8080", "", "a", "a.b.c.d.e.f.g.h", "a.b.c.x.e.f.g.h"]
        for name in shortNames(names, to: width, ellipsis: "…") { #expect(displayWidth(of: name) <= width, "\(name)") }
    }

    /// Hosts whose names are long and alike, the first of which fails.
    private func screen(width: Int, height: Int) -> [String] {
        var model = Model()
        _ = update(&model, .resize(width: width, height: height))
        var story = Story()
        story.hosts = long.enumerated().map { Story.host(id: $0.offset, name: $0.element) }
        for second in 0...12 {
            story.uptime = Double(second)
            story.sequence = second
            for id in story.hosts.indices {
                story.hosts[id].metrics.requests.started = 100 * second
                story.hosts[id].metrics.requests.succeeded = 100 * second
                story.hosts[id].metrics.connections.opened = second
            }
            story.hosts[3].metrics.statuses = [503: 100 * second]
            var snapshot = story.snapshot(socketsOf: nil)
            snapshot.load = nil
            _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        }
        return render(model, width: width, height: height).plainText().split(separator: "\n").map(String.init)
    }

    @Test("The table, the strips and the events tell them apart", arguments: [(80, 24), (120, 36), (160, 50)])
    func panels(width: Int, height: Int) throws {
        let rows = screen(width: width, height: height)
        #expect(rows.contains { $0.dropFirst().hasPrefix("!") && $0.contains("003") && $0.contains("503") }, "\(rows)")
        #expect(rows.contains { $0.hasPrefix("  ") && $0.contains("000…") })
        // On smaller screens this event is not among the newest.
        guard width >= 160 else { return }
        let event = try #require(rows.first { $0.contains("BAD  ") })
        #expect(event.contains("003") && event.contains(": answers 503"), "\(event)")
        #expect(rows.contains { $0.contains("o…000…80 ") }, "a strip")
    }
}
