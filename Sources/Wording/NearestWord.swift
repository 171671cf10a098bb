/// The name that a person probably meant by one that does not exist: the candidate with the fewest edits, if they are few for its
/// length. The earlier candidate wins a tie; nil: none is near.
package func nearestWord(_ name: String, among candidates: [String]) -> String? {
    // Nobody has mistyped a name of that length.
    guard name.utf8.count <= 256 else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let distance = editDistance(from: name.lowercased(), to: candidate.lowercased())
        guard distance <= max(2, candidate.count / 3), distance < candidate.count else { continue }
        if distance < (best?.distance ?? .max) { best = (candidate, distance) }
    }
    return best?.name
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
private func editDistance(from source: String, to target: String) -> Int {
    let source = Array(source.prefix(64))
    let target = Array(target.prefix(64))
    var rows = [Array(0...target.count)]
    for i in 0..<source.count {
        var row = [i + 1]
        for j in 0..<target.count {
            let replaced = rows[i][j] + (source[i] == target[j] ? 0 : 1)
            var cost = min(replaced, rows[i][j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, source[i] == target[j - 1], source[i - 1] == target[j] {
                cost = min(cost, rows[i - 1][j - 1] + 1)
            }
            row.append(cost)
        }
        rows.append(row)
    }
    return rows[source.count][target.count]
}
