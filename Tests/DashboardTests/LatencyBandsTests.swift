import Testing

@testable import Dashboard
@testable import PoolModel

@Suite("Bands of response times") struct LatencyBandsTests {
    private func histogram(_ milliseconds: [Double]) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for duration in milliseconds { histogram.record(.seconds(duration / 1000)) }
        return histogram
    }

    private func labels(_ milliseconds: [Double], rows: Int) -> [String] {
        let bands = Bands(counts: LatencyBands.counts(histogram(milliseconds)), rows: rows)
        return zip(bands.rows.indices, bands.sums).map { bands.label($0, hasUnit: true) + ": \($1)" }
    }

    @Test(
        "A response lies in the band that its percentile is shown in",
        arguments: [0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000])
    func edges(milliseconds: Double) throws {
        // Two, so that no extreme says more than the buckets of the histogram do.
        let histogram = histogram([milliseconds, milliseconds, 60_000])
        let shown = try #require(histogram.seconds(atPercentile: 50))
        let band = LatencyBands.counts(histogram).firstIndex { $0 >= 2 }
        #expect(band == LatencyBands.bounds.firstIndex { shown < $0 } ?? LatencyBands.count - 1)
        #expect(band.map { LatencyBands.bounds[$0 - 1] * 1000 } == milliseconds, "it begins the band above")
    }

    @Test("Two seconds are in the band that begins there")
    func twoSeconds() {
        #expect(labels([2000, 2000, 2000], rows: 7) == ["2-5 s: 3"])
        #expect(labels([1900, 1900], rows: 7) == ["1-2 s: 2"])
    }

    @Test("From the shortest to the longest, whatever rows there are: 2 ms and 11 s are both seen", arguments: 3...16)
    func bothEnds(rows: Int) {
        let shown = labels(Array(repeating: 2.1, count: 500) + [11_000], rows: rows)
        #expect(shown.count <= rows)
        #expect(shown.first?.hasSuffix(": 500") == true && shown.last?.hasSuffix(": 1") == true, "\(shown)")
    }

    @Test("Steps of 1-2-5 where there are rows for them, else decades")
    func steps() {
        #expect(labels([0.6, 1.5, 3], rows: 4) == ["0.5-1 ms: 1", "1-2 ms: 1", "2-5 ms: 1"])
        #expect(
            labels([2.1, 30, 11_000], rows: 7)
                == ["1-10 ms: 1", "10-100 ms: 1", "0.1-1 s: 0", "1-10 s: 0", "10 s+: 1"])
        #expect(labels([0.1, 30, 11_000], rows: 3) == ["<10 ms: 1", "0.01-1 s: 1", "1 s+: 1"])
        #expect(labels([0.1], rows: 3) == ["<0.2 ms: 1"])
    }

    @Test("Labels fit before the bars and before the columns of the heat map")
    func widths() {
        for rows in 1...16 {
            let bands = Bands(counts: Array(repeating: 1, count: LatencyBands.count), rows: rows)
            #expect(bands.sums.reduce(0, +) == LatencyBands.count)
            for row in bands.rows.indices {
                #expect(bands.label(row, hasUnit: true).count <= 10 && bands.label(row, hasUnit: false).count <= 8)
            }
        }
    }
}
