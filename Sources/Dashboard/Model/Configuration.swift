/// The facts about the program that the screen starts with.
package struct Configuration: Sendable {
    package var version = "0.1"
    /// The source of the figures, in a word or two: `demo`, a file name, `replay of x.jsonl`.
    package var source = "demo"
    /// TLS certificates are not checked. Said in every view, because it is never meant to stay so.
    package var isInsecure = false
    /// The earliest TLS version that is allowed, where nobody should speak it any more: `1.0`; nil: it is a later one.
    package var oldTLS: String?
    /// A recording is played: the keys of a player work.
    package var isReplay = false
    /// Nil: as the person chose it, else braille.
    package var glyphs: GlyphSet?
    /// True where the terminal cannot show more than ASCII: `b` then stays there.
    package var isASCIIForced = false
    /// The theme at the start, and all that there are.
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

/// The actions that the engine behind the screen can carry out. Each is nil where it can, else the reason why not, in a few words that
/// fit after "because": shown in the help and when the key is pressed all the same.
package struct Capabilities: Sendable {
    /// HTTP keep-alive, DNS cache, closing idle sockets.
    package var control: String?
    /// The generator's rate.
    package var load: String?
    /// Faults of the downstreams.
    package var faults: String?
    package var suspend: String?
    /// Counting totals from now on.
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

    /// A recording: there is nothing to act upon.
    package static let replay = Capabilities(
        control: "this is a recording", load: "this is a recording", faults: "this is a recording",
        reset: "this is a recording")
}
