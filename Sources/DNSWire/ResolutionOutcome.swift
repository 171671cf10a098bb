/// How one lookup of a name ended.
package enum ResolutionOutcome: Sendable, Equatable {
    /// At least one address: A answers in the server's order, then AAAA answers. Rotating them is the caller's part.
    /// The TTL is the least over the records used, aliases included.
    case addresses([IPAddress], ttlSeconds: UInt32, source: AnswerSource)
    /// The name does not exist, or has no address. May be kept this long (RFC 2308 §5: the lesser of the SOA's TTL and
    /// its minimum, at most three hours); zero where the answer carried no SOA.
    case notFound(ttlSeconds: UInt32)
    /// No server answered in time.
    case timeout
    /// Servers answered, and none with an answer; or none can be reached.
    case serverFailure
}

/// Where addresses came from. The raw value is what snapshots show.
package enum AnswerSource: String, Sendable, CaseIterable {
    /// A DNS server.
    case dns
    /// The hosts file, or a name that is always this machine.
    case hostsFile = "hosts file"
    /// The name is itself an address.
    case literal
    /// Given by a person for this run.
    case override = "--resolve"
}
