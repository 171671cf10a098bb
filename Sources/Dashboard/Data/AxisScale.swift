/// The upper end of a linear axis: the next step of 1, 2, 5, 10, 20, … above the peak.
///
/// It rises at once, so that nothing is ever clipped, and falls only after the lower step would have been enough for 30
/// s. Otherwise a load near a step would make the chart jump up and down.
struct AxisScale: Equatable, Sendable {
    static let holdSeconds = 30.0
    private(set) var top = 1.0
    private var lowSince: Double?

    mutating func update(peak: Double, uptimeSeconds: Double) {
        let wanted = Self.step(above: peak)
        if wanted >= top {
            top = wanted
            lowSince = nil
        } else if let since = lowSince {
            guard uptimeSeconds - since >= Self.holdSeconds else { return }
            top = wanted
            lowSince = nil
        } else {
            lowSince = uptimeSeconds
        }
    }

    /// The smallest of 1, 2, 5 times a power of ten above `peak`, and at least 1.
    static func step(above peak: Double) -> Double {
        guard peak.isFinite else { return 1 }
        var decade = 1.0
        while decade < 1e15 {
            for factor in [1.0, 2, 5] where decade * factor > peak { return decade * factor }
            decade *= 10
        }
        return decade
    }

    /// The number of decades from 1 to the smallest power of ten above `peak`, for a logarithmic axis that starts at 1.
    static func decades(above peak: Double) -> Int {
        var decades = 1
        var top = 10.0
        while top <= peak, decades < 15 {
            decades += 1
            top *= 10
        }
        return decades
    }
}

/// The upper ends of the overview's axes.
struct Axes: Equatable, Sendable {
    var rates = AxisScale()
    /// The number of decades, which changes with the same delay.
    var logarithmic = AxisScale()
    var containers = AxisScale()
    /// For new connections per second to one host.
    var strips = AxisScale()
}
