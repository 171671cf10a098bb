/// The facts about the program that the screen starts with.
package struct Configuration: Sendable {
    package var version = "0.1"
    /// The source of the figures, in a word or two: `demo`, a file name, `replay of x.jsonl`.
    package var source = "demo"
    /// TLS certificates are not verified. Shown in every view, because this should never be permanent.
    package var isInsecure = false
    /// The minimum TLS version if it is an outdated one, such as `1.0`; otherwise nil.
    package var oldTLS: String?
    /// True for a recording, which enables the player's keys.
    package var isReplay = false
    /// True where other processes are watched.
    package var isWatch = false
    /// True for the instances that a database knows.
    package var isFleet = false
    /// The screen begins with the list of processes, because none was named.
    package var beginsWithProcesses = false
    /// Nil: as the person chose it, else braille.
    package var glyphs: GlyphSet?
    /// True if the terminal can show only ASCII, so `b` has no effect.
    package var isASCIIForced = false
    /// The theme, which the model only passes on to the shell.
    package var theme = "auto"
    package var themes = ["auto", "dark", "light", "mono"]
    /// Kept from the last run.
    package var preferences = Preferences()
    /// The file that they are kept in; nil: nowhere.
    package var preferencesAt: String?
    /// Why nothing can be copied; nil: it can.
    package var clipboardOff: String?
    package var settings = SettingCatalog()
    package var mouse = true
    package var windowMinutes = 1
    package var capabilities = Capabilities()

    package init() {}
}

/// The actions that the engine behind the screen supports. Each property is nil if the action is supported. Otherwise
/// it contains the reason in a few words that fit after "because", which are shown in the help and when the key is
/// pressed.
package struct Capabilities: Sendable {
    /// HTTP keep-alive, DNS cache, closing idle sockets.
    package var control: String?
    /// The generator's rate.
    package var load: String?
    /// Faults of the downstreams.
    package var faults: String?
    package var suspend: String?
    /// Restarting the totals.
    package var reset: String?

    package init(
        control: String? = nil, load: String? = nil, faults: String? = nil, suspend: String? = nil, reset: String? = nil
    ) {
        self.control = control
        self.load = load
        self.faults = faults
        self.suspend = suspend
        self.reset = reset
    }

    /// A process that is only watched cannot be changed.
    package static let watch = Capabilities(
        control: "pooltop only watches here and changes nothing",
        load: "the requests are the process's own", faults: "only bundled downstreams take faults")

    /// A database can only be read.
    package static let fleet = Capabilities(
        control: "a fleet can only be looked at: pooltop attach changes one process",
        load: "the requests are the instances' own", faults: "only bundled downstreams take faults",
        reset: "figures are rates, and count from no start")

    /// A recording cannot be changed.
    package static let replay = Capabilities(
        control: "this is a recording", load: "this is a recording", faults: "this is a recording",
        reset: "this is a recording")
}
