import PlainDocuments

/// The report of `pooltop probe`.
package struct ProbeReport: Sendable {
    /// In the order in which the targets were given.
    package var results: [ProbeResult]
    /// Exactly one URL was given, so its probe is the whole report.
    package var isSingle: Bool

    package func text(json: Bool) -> String {
        guard json else { return isSingle ? results.map { ProbeText($0).text }.joined() : ProbeTable(results).text }
        if isSingle, let result = results.first { return result.document.pretty + "\n" }
        let document = JSONValue.object([
            "schema": .string("pooltop.probes/1"), "version": .string(ProductVersion.current),
            "probes": .array(results.map(\.document)),
        ])
        return document.pretty + "\n"
    }

    package init(results: [ProbeResult], isSingle: Bool) {
        self.results = results
        self.isSingle = isSingle
    }
}
