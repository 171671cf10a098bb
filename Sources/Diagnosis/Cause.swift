package import PoolModel

/// Why a host does badly or well, with the figures that say so.
package enum Cause: Sendable, Equatable {
    /// No connection can be made, for this cause.
    case unreachable(FailureCause, TLSFailure?)

    /// A stable name; never used again for another cause.
    package var label: String {
        switch self {
        case .unreachable(let cause, let reason): reason?.rawValue ?? cause.rawValue
        }
    }

    package var shortText: String {
        switch self {
        case .unreachable(let cause, let reason): reason?.rawValue ?? cause.rawValue
        }
    }

    package var headline: String { "cannot be reached: \(shortText)" }

    package var advice: String { headline }
}
