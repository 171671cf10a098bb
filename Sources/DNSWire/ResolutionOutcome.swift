/// The outcome of a name lookup.
package enum ResolutionOutcome: Sendable, Equatable {
    /// At least one address: A answers in the server's order, then AAAA answers. Rotating them is left to the caller.
    /// The TTL is the lowest of the records used, including aliases.
    case addresses([IPAddress], ttlSeconds: UInt32, source: AnswerSource)
    /// The name does not exist, or has no address. May be cached for this long (RFC 2308 §5: the lower of the SOA's TTL
    /// and its minimum, at most three hours); zero if the answer carried no SOA.
    case notFound(ttlSeconds: UInt32)
    /// No server answered in time.
    case timeout
    /// Servers responded, but none with an answer; or no server can be reached.
    case serverFailure
}

/// The source of addresses. The raw value is shown in snapshots.
package enum AnswerSource: String, Sendable, CaseIterable {
    /// A DNS server.
    case dns
    /// The hosts file, or a name that always means this machine.
    case hostsFile = "hosts file"
    /// The name is itself an address.
    case literal
    /// Given by the user for this run.
    case override = "--resolve"
}
