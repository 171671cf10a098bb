import PoolModel
import Wording

/// Sixteen bands of response times in 1-2-5 steps, and what they are brought down to where there is less room.
enum LatencyBands {
    /// The upper bounds in seconds; the last band has none.
    static let bounds = [
        0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
    ]
    static let count = bounds.count + 1

    /// A band reaches from its lower bound up to, but not including, its upper one, by the durations that percentiles
    /// show: a p50 of 2.0 s lies in `2-5 s`.
    static func counts(_ histogram: LatencyHistogram) -> [Int] {
        var counts = Array(repeating: 0, count: count)
        guard histogram.count > 0, let longest = histogram.maxSeconds else { return counts }
        var low = 0.0
        var left = histogram.count
        for (band, bound) in bounds.enumerated() {
            // Beyond the longest there is nothing, and the histogram may not have room to be asked about it.
            if bound > longest {
                counts[band] = max(0, left)
                return counts
            }
            let edge = edge(at: bound)
            counts[band] = histogram.count(in: low..<edge)
            left -= counts[band]
            low = edge
        }
        counts[count - 1] = max(0, left)
        return counts
    }

    /// A bucket of the histogram that has a bound inside belongs above it, because a percentile in that bucket is shown
    /// by the bucket's longest duration.
    private static func edge(at bound: Double) -> Double {
        let index = HistogramBuckets.index(of: UInt64((bound * 1e9).rounded()))
        return Double(HistogramBuckets.bottom(of: index)) / 1e9
    }
}

/// Latency bands brought down to a number of rows, from the one with the shortest response to the one with the longest:
/// bands of 1-2-5 where there are rows for them, else decades, else pairs of decades and so on. Nothing is merged at the
/// ends, so that 2 ms and 11 s are both seen.
struct Bands: Equatable {
    /// The first and the last band of each row, inclusive.
    let rows: [ClosedRange<Int>]
    let sums: [Int]

    init(counts: [Int], rows limit: Int) {
        let low = counts.firstIndex { $0 > 0 } ?? 0
        let high = counts.lastIndex { $0 > 0 } ?? 0
        let limit = max(1, limit)
        var rows = (low...high).map { $0...$0 }
        var decades = 1
        while rows.count > limit {
            rows = Self.rows(low...high, decades: decades)
            decades += 1
        }
        self.rows = rows
        sums = rows.map { row in counts[row].reduce(0, +) }
    }

    /// Rows of so many decades, between powers of ten.
    private static func rows(_ range: ClosedRange<Int>, decades: Int) -> [ClosedRange<Int>] {
        // A decade has three bands, and the first of them begins at a power of ten.
        let width = 3 * decades
        func group(_ band: Int) -> Int { band / width }
        var rows: [ClosedRange<Int>] = []
        for band in range {
            if let last = rows.last, group(last.lowerBound) == group(band) {
                rows[rows.count - 1] = last.lowerBound...band
            } else {
                rows.append(band...band)
            }
        }
        // A row says which bands it has, even where its first or last is empty.
        return rows.map { row in
            let first = group(row.lowerBound) * width
            return first...min(LatencyBands.count - 1, first + width - 1)
        }
    }

    /// `5-10`, `0.1-1 s`, `<0.2`, `10 s+`: milliseconds have no unit unless it is asked for.
    func label(_ row: Int, hasUnit: Bool) -> String {
        let bands = rows[row]
        let low = bands.lowerBound == 0 ? nil : LatencyBands.bounds[bands.lowerBound - 1]
        let high = bands.upperBound < LatencyBands.bounds.count ? LatencyBands.bounds[bands.upperBound] : nil
        let isSeconds = (high ?? .infinity) >= 1
        let unit = isSeconds ? " s" : hasUnit ? " ms" : ""
        func text(_ bound: Double) -> String {
            let value = isSeconds ? bound : bound * 1000
            if value < 1 { return Numbers.fixed(value, value < 0.01 ? 3 : value < 0.1 ? 2 : 1) }
            return Numbers.fixed(value, 0)
        }
        switch (low, high) {
        case (nil, let high?): return "<" + text(high) + unit
        case (let low?, let high?): return text(low) + "-" + text(high) + unit
        case (let low?, nil): return text(low) + unit + "+"
        case (nil, nil): return "all"
        }
    }
}
