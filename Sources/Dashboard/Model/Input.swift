package import PoolModel

/// One fact that the shell tells the model.
package enum Input: Sendable {
    case key(Key)
    case resize(width: Int, height: Int)
    /// A new snapshot, and what to add to UTC for the local time of day.
    case snapshot(AgentSnapshot, utcOffsetSeconds: Int)
    /// The state of a recording at the position that is being played.
    case picture(DashboardState, Playback)
    /// Time went by. At least once a second, so that messages fade and missing data is noticed.
    case tick(Moment)
    case mouse(x: Int, y: Int, MouseAct)
    /// An answer to an effect (`saved to …`), or anything else worth a line for a few seconds.
    case notice(String)
    /// No snapshot comes any more, and why.
    case sourceFailed(String)
    /// Bracketed paste. Nothing happens: a pasted `q` must not quit.
    case paste
}

package enum MouseAct: Sendable, Equatable {
    case press, wheelUp, wheelDown
}

/// A key as the terminal decoded it.
package enum Key: Sendable, Hashable {
    case character(Unicode.Scalar)
    /// A control key by its lower-case letter: `ctrl("c")`.
    case ctrl(Unicode.Scalar)
    case up, down, left, right, pageUp, pageDown, home, end
    case enter, escape, backspace, tab, shiftTab
    /// F1 to F12.
    case function(Int)
}
