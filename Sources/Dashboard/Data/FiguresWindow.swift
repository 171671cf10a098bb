import Wording

/// The stretch of time that rates, percentiles and shares are over: the last ten seconds, or what there is since the last
/// mark, so that no figure is half of before and half of after a change.
struct FiguresWindow: Sendable, Equatable {
    /// For this long after a mark the new rule is taking hold: connections of the old one are still being closed. As soon
    /// as there is a second without it, it is left out.
    static let settlingSeconds = 0.5
    /// Less than this since a mark is nothing to count in; the figures of before it stay until then.
    static let leastSeconds = 0.5

    /// The place of the reference that the window begins at.
    private(set) var first = 0
    private(set) var startUptime = 0.0
    private(set) var seconds = 0.0
    /// The label of the mark that it begins at; nil: it is as long as it can be.
    private(set) var mark: String?

    init() {}

    /// `uptimes` are those of the references, rising, the last one now. Nil: it is too early to compare anything anew.
    init?(_ uptimes: [Double], mark: Mark?) {
        guard let now = uptimes.last else { return nil }
        if let mark, let oldest = uptimes.first, mark.uptimeSeconds > oldest, mark.uptimeSeconds <= now {
            let settled = mark.uptimeSeconds + Self.settlingSeconds
            let isEnough = { (start: Double) in now - start >= Self.leastSeconds }
            let start =
                uptimes.firstIndex { $0 >= settled && isEnough($0) }
                ?? uptimes.firstIndex { $0 >= mark.uptimeSeconds && isEnough($0) }
            guard let start else { return nil }
            first = start
            self.mark = mark.label
        }
        startUptime = uptimes[first]
        seconds = now - startUptime
    }

    /// The same in a sentence: `in the last 10 s`, or `in the 4 s since K off`.
    var phrase: String { "in the " + words }

    /// `last 10 s`, or `4 s since K off`.
    var words: String {
        guard let mark else { return "last \(RecentFigures.seconds) s" }
        return Numbers.fixed(max(1, seconds), 0) + " s since " + mark
    }
}
