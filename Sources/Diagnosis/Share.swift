import Wording

/// So many of so many. A share of fewer than twenty is no percentage: it would be chance.
package struct Share: Sendable, Equatable {
    package var count: Int
    package var of: Int

    package init(_ count: Int, of all: Int) {
        self.count = max(0, count)
        of = max(all, self.count)
    }

    package var value: Double { of == 0 ? 0 : Double(count) / Double(of) }
    package var isPercentage: Bool { of >= Amount.leastEvents }

    /// The least share that is likely where so many of so many were seen: the lower end of Wilson's interval, one-sided, 95 %.
    /// One failure of ten says little, ten of a hundred say that it is no accident.
    package var likelyLeast: Double {
        guard of > 0 else { return 0 }
        let z = 1.645
        let n = Double(of)
        let center = value + z * z / (2 * n)
        let spread = z * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, (center - spread) / (1 + z * z / n))
    }

    /// `38%`, or `×12`.
    package var short: String { isPercentage ? Amount.percent(value) : "×" + Amount.shortCount(count) }

    /// `380 of 1,000 requests`, `all 12 requests`, `1 request`.
    package func words(_ thing: String) -> String {
        let things = of == 1 ? thing : thing + "s"
        if count == of { return of == 1 ? "1 \(thing)" : "all \(Amount.count(of)) \(things)" }
        return "\(Amount.count(count)) of \(Amount.count(of)) \(things)"
    }
}
