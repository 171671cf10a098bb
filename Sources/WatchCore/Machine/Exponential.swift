/// The logarithm and the power that the machine needs. The standard library has none, and the C library's is not imported
/// by a module that performs no I/O.
enum Exponential {
    /// A draw from the exponential distribution with the mean 1, for a uniform draw from 0..<1.
    static func draw(_ unit: Double) -> Double { -logarithm(1 - unit) }

    /// The natural logarithm of a positive finite number.
    static func logarithm(_ value: Double) -> Double {
        // ln m = 2 artanh((m - 1) / (m + 1)), and m lies in 1..<2.
        let ratio = (value.significand - 1) / (value.significand + 1)
        var (power, sum) = (ratio, 0.0)
        for odd in stride(from: 1.0, through: 25, by: 2) {
            sum += power / odd
            power *= ratio * ratio
        }
        return Double(value.exponent) * 0.693_147_180_559_945_3 + 2 * sum
    }

    /// The factor by which a weight falls, `2^-halvings`.
    static func decay(halvings: Double) -> Double {
        guard halvings > 0 else { return 1 }
        guard halvings < 60 else { return 0 }
        let whole = halvings.rounded(.down)
        let exponent = -(halvings - whole) * 0.693_147_180_559_945_3
        var (term, sum) = (1.0, 1.0)
        for index in 1...10 {
            term *= exponent / Double(index)
            sum += term
        }
        return Double(sign: .plus, exponent: -Int(whole), significand: sum)
    }
}
