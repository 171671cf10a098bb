/// Names a host (origin) of one agent. Its place may go to another host when it is no longer used; the serial is never
/// given again, so that the name of a host that has left does not stand for its successor.
package struct HostID: Hashable, Sendable {
    package let index: Int
    /// How many hosts came before it. The index, as long as none has left.
    package let serial: Int
    package init(_ index: Int, serial: Int? = nil) {
        self.index = index
        self.serial = serial ?? index
    }
}

/// Names a connection. The slot is reused, the serial never, so a late event for a connection that has moved on is
/// recognised by its serial. The core can only name a connection, never touch it.
package struct ConnectionID: Hashable, Sendable {
    package let slot: Int
    package let serial: Int
    package init(slot: Int, serial: Int) {
        self.slot = slot
        self.serial = serial
    }
    /// No connection: a lookup that refreshes the cache ahead of need is made for nobody.
    package static let none = ConnectionID(slot: .max, serial: 0)
}

/// Names a request in flight. The shell chooses it when the request arrives and may use it again after the effect that
/// ends the request: exactly one of `succeed`, `fail`, `cancelled`.
package struct RequestID: Hashable, Sendable {
    package let slot: Int
    package init(_ slot: Int) { self.slot = slot }
}

/// An interned request method; an index into the machine's table, so that a request record holds no string.
package struct MethodID: Hashable, Sendable {
    package let index: Int
}
