/// A quantile of durations of which some have not come to their end.
package struct Quantile: Sendable, Equatable {
    package var seconds: Double
    /// It is known only that it is longer: the request at its rank is still in flight.
    package var isAtLeast: Bool

    package init(seconds: Double, isAtLeast: Bool = false) {
        self.seconds = seconds
        self.isAtLeast = isAtLeast
    }
}

extension LatencyHistogram {
    /// The quantile of the requests that were answered, and of those in flight that have taken longer than it already: they
    /// will be counted as larger, whenever they end. Where its rank is among these, no more is known than that age.
    package func quantile(_ percent: Double, inFlight ages: [InFlightAge]) -> Quantile? {
        let answered = seconds(atPercentile: percent)
        let longer = ages.filter { $0.atLeastSeconds > answered ?? 0 }
        guard let oldest = longer.last else { return answered.map { Quantile(seconds: $0) } }
        let rank = Int((percent / 100 * Double(count + longer.requests)).rounded(.up))
        if rank <= count {
            return seconds(atPercentile: Double(rank) / Double(count) * 100).map { Quantile(seconds: $0) }
        }
        var left = rank - count
        for age in longer {
            left -= age.requests
            if left <= 0 { return Quantile(seconds: age.atLeastSeconds, isAtLeast: true) }
        }
        return Quantile(seconds: oldest.atLeastSeconds, isAtLeast: true)
    }
}
