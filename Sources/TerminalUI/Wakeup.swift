package import Dashboard

/// Why `TerminalSession.wait` returned.
package struct Wakeup {
    package var events: [Event] = []
    package var signals: [TerminalSignal] = []
    /// The additional descriptor is readable.
    package var isWoken = false
    /// The terminal was disconnected.
    package var isHungUp = false

    /// An event from the user.
    package enum Event: Equatable {
        case key(Key)
        case mouse(x: Int, y: Int, MouseAction)
        case paste
    }
}

extension Wakeup.Event {
    init?(_ event: TerminalEvent) {
        switch event {
        case .key(let key): self = .key(key)
        case .mouse(let x, let y, let act): self = .mouse(x: x, y: y, act)
        case .paste: self = .paste
        case .background, .attributes: return nil
        }
    }
}

extension Duration {
    /// For poll, rounded up so that a wait never ends early and spins.
    var pollMilliseconds: Int32 {
        let milliseconds = self / .milliseconds(1)
        return Int32(min(max(0, milliseconds.rounded(.up)), 3_600_000))
    }
}
