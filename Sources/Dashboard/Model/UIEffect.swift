package import PoolModel

/// One deed that the shell is asked for. The model never assumes that it worked: the next snapshot says so.
package enum UIEffect: Sendable {
    /// HTTP keep-alive, for all hosts or for one.
    case setKeepAlive(Bool, host: Int?)
    case setDNSCache(Bool)
    case flushDNS
    /// Multiplies the generator's rate, or its concurrency in a closed loop.
    case changeLoad(factor: Double)
    case closeIdle(host: Int?)
    case inject(DownstreamFault, host: Int)
    /// Writes the picture as text, and the snapshot behind it as JSON.
    case save(text: String, snapshot: AgentSnapshot?)
    case setMouse(Bool)
    /// One of the configuration's themes.
    case setTheme(String)
    /// To the clipboard of the person's terminal.
    case copy(String)
    case changeSetting(SettingChangeWish)
    /// The model has begun to count from here; the shell may do the same for its own counters.
    case resetCounters
    /// Repaint everything, whatever the terminal is believed to show.
    case redraw
    case suspend
    case quit
    /// In a replay only; answered by the next picture.
    case play(PlayAct)
}
