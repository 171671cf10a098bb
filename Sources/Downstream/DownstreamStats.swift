/// The counts of one downstream, at one instant of its loop.
///
/// Control requests (`/_stats`, `/_fault`) and connections that have carried nothing else are excluded, so that the
/// counts can be compared exactly with a client's, however they were retrieved.
///
/// Every user of this machine can read them, so they contain only counts: no client addresses, no paths, no fields of
/// requests.
package struct DownstreamStats: Codable, Hashable, Sendable {
    package var name: String
    /// Connections accepted.
    package var accepted: Int
    package var acceptedByAddress: [String: Int]
    /// Connections open now.
    package var open: Int
    /// Request heads received, answered or not.
    package var requests: Int
    /// Connections that this side closed: after a response, for idleness, by reset or by a fault.
    package var closedByServer: Int
    /// Responses started, by status. Requests refused as malformed get a response and are included.
    package var statuses: [String: Int]
    /// Requests refused as malformed or too large; not included in `requests`.
    package var rejected: Int
    package var tlsHandshakes: Int
    /// The number of `tlsHandshakes` that resumed an earlier session.
    package var tlsResumed: Int
    /// Control requests, which are counted separately.
    package var controlRequests: Int
}

/// Totals of one downstream. Confined to its loop.
struct Tally {
    var accepted: [Int]
    var requests = 0
    var rejected = 0
    var closedByServer = 0
    var tlsHandshakes = 0
    var tlsResumed = 0
    /// Indexed by status. An array, because this is incremented for every request.
    var statuses = [Int](repeating: 0, count: 600)

    init(addresses: Int) { accepted = [Int](repeating: 0, count: addresses) }
}
