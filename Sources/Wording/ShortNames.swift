/// A text with its middle left out where it is wider than `width`: names tend to differ at their ends, so more of the end
/// is kept.
package func middleCut(_ text: String, to width: Int, ellipsis: String) -> String {
    if displayWidth(of: text) <= width { return text }
    if width <= 0 { return "" }
    let scalars = Array(text.unicodeScalars)
    let start = beginning(of: scalars[...], columns: (width - 1) / 3)
    let rest = width - displayWidth(of: start) - displayWidth(of: ellipsis)
    return start + ellipsis + ending(of: scalars[...], columns: rest)
}

/// Names of at most `width` columns that can be told apart: where leaving out the middle makes several the same, the part
/// in which they differ stays, as `000` in `orders…000…com:8080`.
package func shortNames(_ names: [String], to width: Int, ellipsis: String) -> [String] {
    var short = names.map { middleCut($0, to: width, ellipsis: ellipsis) }
    let alike = Dictionary(grouping: names.indices) { short[$0] }.values
    for places in alike where places.count > 1 {
        guard let part = Difference(places.map { Array(names[$0].unicodeScalars) }) else { continue }
        for place in places { short[place] = part.cut(names[place], to: width, ellipsis: ellipsis) }
    }
    return short
}

/// The part in which names differ.
private struct Difference {
    /// Scalars that all of them have at their beginning, and at their end.
    private var before: Int
    private var after: Int

    /// Nil where they are all the same.
    init?(_ names: [[Unicode.Scalar]]) {
        guard let first = names.first, names.contains(where: { $0 != first }) else { return nil }
        let shortest = names.map(\.count).min() ?? 0
        before = (0..<shortest).first { place in names.contains { $0[place] != first[place] } } ?? shortest
        after =
            (0..<shortest - before).first { place in
                names.contains { $0[$0.count - 1 - place] != first[first.count - 1 - place] }
            } ?? shortest - before
        // Whole words are read more easily than parts of them.
        while before > 0, !Self.isSeparator(first[before - 1]) { before -= 1 }
        while after > 0, !Self.isSeparator(first[first.count - after]) { after -= 1 }
    }

    func cut(_ name: String, to width: Int, ellipsis: String) -> String {
        if displayWidth(of: name) <= width { return name }
        if width <= 0 { return "" }
        let scalars = Array(name.unicodeScalars)
        let own = scalars[before..<max(before, scalars.count - after)]
        let (start, end) = (scalars[..<before], scalars[own.endIndex...])
        let mark = displayWidth(of: ellipsis)
        let part = displayWidth(of: text(own))
        let left = width - part - (start.isEmpty ? 0 : mark) - (end.isEmpty ? 0 : mark)
        // Where the part itself is too long, its end differs more often than its beginning.
        guard left >= 0 else { return ellipsis + ending(of: own, columns: width - mark) }
        let beginning = beginning(of: start, columns: left / 3)
        let ending = ending(of: end, columns: left - displayWidth(of: beginning))
        return beginning + (start.isEmpty ? "" : ellipsis) + text(own) + (end.isEmpty ? "" : ellipsis) + ending
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", "-", "_", ":", "/", " ": true
        default: false
        }
    }
}

private func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(scalars)) }

private func beginning(of scalars: ArraySlice<Unicode.Scalar>, columns: Int) -> String {
    var used = 0
    return text(
        scalars.prefix { scalar in
            used += displayWidth(of: scalar)
            return used <= columns
        })
}

private func ending(of scalars: ArraySlice<Unicode.Scalar>, columns: Int) -> String {
    var used = 0
    var count = 0
    for scalar in scalars.reversed() {
        used += displayWidth(of: scalar)
        if used > columns { break }
        count += 1
    }
    return text(scalars.suffix(count))
}
