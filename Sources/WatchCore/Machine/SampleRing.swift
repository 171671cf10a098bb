/// The latest samples, for a median of what was lately. It takes no memory before the first sample.
struct SampleRing: Equatable {
    private static let capacity = 48
    private var samples: [Float] = []
    private var next = 0

    var count: Int { samples.count }

    mutating func append(_ value: Double) {
        if samples.count < Self.capacity { return samples.append(Float(value)) }
        samples[next] = Float(value)
        next = (next + 1) % Self.capacity
    }

    /// Takes in something that was too short to be measured: shorter than what was measured, by nobody knows how much.
    mutating func appendUnmeasured() { append(Self.unmeasured) }

    private static let unmeasured = -1.0

    mutating func append(contentsOf other: SampleRing) {
        for sample in other.samples { append(Double(sample)) }
    }

    /// The median of the samples of several rings; nil if there are none, or if half of them were too short to be measured.
    static func median(_ rings: [SampleRing]) -> Double? {
        let sorted = rings.flatMap(\.samples).sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        guard sorted[(sorted.count - 1) / 2] >= 0 else { return nil }
        return Double(sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2)
    }
}
