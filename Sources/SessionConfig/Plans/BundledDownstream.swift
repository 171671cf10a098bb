/// The downstreams that pooltop brings along, by the names that settings, checks and `@host` know them by.
///
/// Their behaviour is in Downstream, which settings know nothing of; a test keeps the names of both the same.
package enum BundledDownstream: String, CaseIterable, Sendable {
    case catalog, search, payments, legacy, ledger, images, flaky

    package static var names: [String] { allCases.map(\.rawValue) }

    package var hostName: String { rawValue + ".pooltop.test" }

    /// Its share of the traffic, of the sum of all: each in the proportion that a shop's front end would call it in.
    package var weight: Double {
        switch self {
        case .catalog: 45
        case .search: 12
        case .payments: 15
        case .legacy: 3
        case .ledger: 10
        case .images: 5
        case .flaky: 10
        }
    }
}
