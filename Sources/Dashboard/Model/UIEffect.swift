package import FleetCore
package import PoolModel

/// An action for the shell. The model never assumes that it succeeded; the next snapshot shows the result.
package enum UIEffect: Sendable {
    /// Not in a replay, which has no agent.
    case agent(AgentCommand)
    /// Writes the picture as text, and the snapshot behind it as JSON.
    case save(text: String, snapshot: AgentSnapshot?)
    case setMouse(Bool)
    /// One of the configuration's themes.
    case setTheme(String)
    /// To the clipboard of the person's terminal.
    case copy(String)
    /// Repaint everything, whatever the terminal is believed to show.
    case redraw
    case suspend
    case quit
    /// Only in a replay; answered by the next `picture`.
    case play(PlayerCommand)
    /// Only in a watch: show this process and its descendants; nil: what the watch began with.
    case watch(pid: Int?)
    /// Only in a fleet: show this instance with its hosts; nil: the list only.
    case open(instance: InstanceID?)
    /// Only in a watch: show hosts by their names, or each address as one of its own.
    case showNames(Bool)
}
