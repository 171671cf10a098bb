/// What one downstream has seen, at one instant of its loop.
///
/// A connection that has carried only control requests (`/_stats`, `/_fault`) is in none of these counts, nor are the
/// control requests themselves, so that a client's own counts can be compared exactly, however the witness was asked.
///
/// Anybody on this machine may read them, so there are counts here and nothing else: no address of a client, no path, no
/// field of a request.
package struct DownstreamStats: Codable, Hashable, Sendable {
    package var name: String
    /// Connections accepted.
    package var accepted: Int
    package var acceptedByAddress: [String: Int]
    /// Connections open now.
    package var open: Int
    /// Request heads received, answered or not.
    package var requests: Int
    /// Connections whose end this side began: after a response, for idleness, by reset or by a fault.
    package var closedByServer: Int
    /// Responses begun, by status. Requests that were refused as malformed are answered and so are here too.
    package var statuses: [String: Int]
    /// Requests refused as malformed or too large; not part of `requests`.
    package var rejected: Int
    package var tlsHandshakes: Int
    /// Those of `tlsHandshakes` that resumed an earlier session.
    package var tlsResumed: Int
    /// Control requests, counted apart.
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
    /// Indexed by status: an array, because this is counted for every request.
    var statuses = [Int](repeating: 0, count: 600)

    init(addresses: Int) { accepted = [Int](repeating: 0, count: addresses) }
}
