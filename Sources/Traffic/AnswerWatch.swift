import PoolModel

/// Finds the times in which a target that is asked gives no answer, although it usually answers much sooner.
///
/// It looks at counts at intervals, because a look at every answer would cost more than it tells.
struct AnswerWatch {
    /// A shorter silence is not worth a word.
    static let shortest: Nanoseconds = .seconds(1)
    /// A silence is longer than the usual interval between two answers by this factor.
    private static let usualFactor = 20.0

    private var answered = 0
    /// Requests sent when the last answer came.
    private var sent = 0
    private var firstLook: Moment?
    /// When the target was first asked after its last answer.
    private var askedSince: Moment?

    /// Looks at the counts so far; returns the silence that has ended, with its beginning.
    mutating func look(sent: Int, answered: Int, now: Moment) -> (since: Moment, length: Nanoseconds)? {
        let first = firstLook ?? now
        firstLook = first
        guard answered == self.answered else {
            let ended = silence(now)
            (self.answered, self.sent, askedSince) = (answered, sent, nil)
            return ended
        }
        if askedSince == nil, sent > self.sent { askedSince = now }
        return nil
    }

    /// The silence that goes on.
    func silence(_ now: Moment) -> (since: Moment, length: Nanoseconds)? {
        guard let askedSince, let firstLook, answered > 0 else { return nil }
        let length = now - askedSince
        let usual = (askedSince - firstLook).asSeconds / Double(answered)
        return length >= Self.shortest && length.asSeconds >= usual * Self.usualFactor ? (askedSince, length) : nil
    }

    /// The program itself did not run: nothing that it did not read says anything about the target.
    mutating func passOver() { askedSince = nil }
}
