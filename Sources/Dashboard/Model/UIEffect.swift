package import PoolModel

/// One deed that the shell is asked for. The model never assumes that it worked: the next snapshot says so.
package enum UIEffect: Sendable {
    /// Not in a replay, which has no agent.
    case agent(AgentCommand)
    /// Writes the picture as text, and the snapshot behind it as JSON.
    case save(text: String, snapshot: AgentSnapshot?)
    case setMouse(Bool)
    /// Repaint everything, whatever the terminal is believed to show.
    case redraw
    case suspend
    case quit
    /// In a replay only; answered by the next picture.
    case play(PlayAct)
}
