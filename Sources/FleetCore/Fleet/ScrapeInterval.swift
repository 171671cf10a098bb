/// Reads the interval between two scrapes from the times of samples.
enum ScrapeInterval {
    /// The median of the differences, so that a scrape that failed does not count; nil: there are too few samples.
    static func seconds(_ answer: PrometheusAnswer) -> Double? {
        guard let times = answer.series.map(\.points).max(by: { $0.count < $1.count })?.map(\.time) else { return nil }
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.sorted()
        guard gaps.count >= 2 else { return nil }
        return gaps[gaps.count / 2]
    }
}
