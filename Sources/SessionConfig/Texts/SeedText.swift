package import PlainDocuments

/// Seeds: any whole number that 64 bits hold.
package enum SeedText {
    package static func parse(_ text: String) throws(TextProblem) -> UInt64 {
        if let seed = UInt64(text) { return seed }
        throw TextProblem("'\(text)' is not a seed", allowed: "0 to \(UInt64.max)")
    }
}
