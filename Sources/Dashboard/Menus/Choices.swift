import PoolModel
import Wording

/// Choices that a person makes for the screen. Each is kept for the next time; what an option of the command line says is not.
extension Model {
    mutating func choose(_ set: GlyphSet) {
        glyphs = set
        preferences.glyphs = set
    }

    mutating func choose(_ count: ChartCount) {
        charts = count
        largeChart = nil
        preferences.charts = count
    }

    mutating func choose(_ lines: EventLines) {
        eventLines = lines
        preferences.eventLines = lines
    }

    mutating func setMouse(_ isOn: Bool) -> [UIEffect] {
        mouse = isOn
        preferences.mouse = isOn
        // Without the mouse a click selects text, so say so.
        say(isOn ? "mouse on" : "mouse off: the terminal selects text again")
        return [.setMouse(isOn)]
    }

    mutating func choose(theme name: String) -> [UIEffect] {
        theme = name
        preferences.theme = name
        return [.setTheme(name)]
    }

    mutating func setWindow(minutes: Int) -> [UIEffect] {
        guard Self.windows.contains(minutes) else { return [] }
        windowMinutes = minutes
        preferences.windowMinutes = minutes
        let seconds = windowSeconds
        live.rescale(windowSeconds: seconds)
        frozen?.rescale(windowSeconds: seconds)
        say("window of \(windowMinutes) min")
        return configuration.isReplay ? [.play(.window(seconds: seconds))] : []
    }

    /// Changes what a service is taken to be like: the containers of the whole history are computed again.
    mutating func choose(_ capacity: CapacityModel) {
        let seconds = windowSeconds
        live.setCapacity(capacity, windowSeconds: seconds)
        frozen?.setCapacity(capacity, windowSeconds: seconds)
        preferences.capacity = capacity
        preferences.knowsOwnCPU = true
        let own = DurationWord.spaced(capacity.ownCPUSecondsPerRequest)
        let share = Numbers.percent(capacity.utilisation)
        say(
            "containers of a service with \(own) of its own CPU per request, \(Numbers.fixed(capacity.cores, 1)) cores at \(share)"
        )
    }
}
