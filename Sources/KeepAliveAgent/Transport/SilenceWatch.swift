import PoolModel

/// Since when an exchange has made no progress that is the server's to make.
///
/// A short exchange never touches the clock for it: only reads behind the one that brought the head are noted, and a
/// request's body only while the kernel has no room for it.
struct SilenceWatch {
    /// Why no bytes are moving, as seen by the connection.
    enum Sight {
        /// The caller does not read, or has not produced the rest of its body.
        case callerPauses
        /// So many bytes of the request are not with the kernel.
        case unsent(Int)
        case nothing
    }

    /// The head of the response has come.
    private(set) var isInBody = false
    private var movedAt = Moment.zero
    /// The unsent bytes of the request at the previous check.
    private var unsent = -1

    mutating func begin() { self = SilenceWatch() }

    mutating func bodyBegan() {
        isInBody = true
        movedAt = .zero
    }

    mutating func moved(_ now: Moment) { movedAt = now }

    mutating func measure(_ sight: Sight, _ now: Moment) -> Moment {
        switch sight {
        case .callerPauses: movedAt = now
        case .unsent(let count):
            if count != unsent { movedAt = now }
            unsent = count
        case .nothing: break
        }
        return movedAt
    }
}
