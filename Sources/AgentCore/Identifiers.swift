/// Identifies a host (origin) of one agent. Its index may be reused when the host is evicted; the serial never is, so
/// the id of an evicted host cannot be mistaken for its successor's.
package struct HostID: Hashable, Sendable {
    package let index: Int
    /// The number of hosts before it. Equal to the index until a host is evicted.
    package let serial: Int
    package init(_ index: Int, serial: Int? = nil) {
        self.index = index
        self.serial = serial ?? index
    }
}

/// Identifies a connection. The slot is reused and the serial never is, so a late event for an old connection is
/// recognised by its serial. The core can only name a connection, never touch it.
package struct ConnectionID: Hashable, Sendable {
    package let slot: Int
    package let serial: Int
    package init(slot: Int, serial: Int) {
        self.slot = slot
        self.serial = serial
    }
    /// No connection, used for lookups that refresh the cache and that no dial waits for.
    package static let none = ConnectionID(slot: .max, serial: 0)
}

/// Identifies a request in progress. The shell chooses the id when the request arrives, and may reuse it after the
/// effect that ends the request: exactly one of `succeed`, `fail`, `cancelled`.
package struct RequestID: Hashable, Sendable {
    package let slot: Int
    package init(_ slot: Int) { self.slot = slot }
}

/// An interned request method: an index into the machine's table, so that a request record contains no string.
package struct MethodID: Hashable, Sendable {
    package let index: Int
}
