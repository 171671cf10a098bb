package import PoolModel

/// A fact that the shell passes to the model.
package enum Input: Sendable {
    case key(Key)
    case resize(width: Int, height: Int)
    /// A new snapshot, and the offset from UTC for the local time of day.
    case snapshot(AgentSnapshot, utcOffsetSeconds: Int)
    /// A fleet at a new moment.
    case fleet(FleetPicture, utcOffsetSeconds: Int)
    /// More of the instance that was opened.
    case instance(InstanceNews, utcOffsetSeconds: Int)
    /// The state of a recording at the position that is being played.
    case picture(DashboardState, Playback)
    /// Time has passed. Sent at least once per second, so that messages fade and missing data is noticed.
    case tick(Moment)
    case mouse(x: Int, y: Int, MouseAction)
    /// The result of an effect (`saved to …`), or another message to show for a few seconds.
    case notice(String)
    /// No more snapshots will arrive, for this reason.
    case sourceFailed(String)
    /// Bracketed paste. It is ignored, because a pasted `q` must not quit.
    case paste
}

package enum MouseAction: Sendable, Equatable {
    case press, wheelUp, wheelDown
}

/// A key as decoded from the terminal's input.
package enum Key: Sendable, Hashable {
    case character(Unicode.Scalar)
    /// A control key with its lower-case letter: `ctrl("c")`.
    case ctrl(Unicode.Scalar)
    case up, down, left, right, pageUp, pageDown, home, end
    case enter, escape, backspace, tab, shiftTab
    /// F1 to F12.
    case function(Int)
}
