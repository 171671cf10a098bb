import PoolModel
import Wording

extension ShownHost {
    /// The cause in at most 13 columns; for TLS the reason where it is known.
    func label(of cause: FailureCause) -> String {
        cause.isTLS ? self.lastTLSFailure?.shortLabel ?? cause.shortLabel : cause.shortLabel
    }

    /// The same as a sentence would have it.
    func words(of cause: FailureCause) -> String {
        cause.isTLS ? self.lastTLSFailure?.words ?? cause.words : cause.words
    }
}
