import Testing

/// The core says what happened and leaves the words to those who show it.
@Suite("No presentation in the core")
struct NoPresentationTests {
    /// Only developers read these, or, for the tables of counters, who wants to know what a figure counts.
    private static let placesOfWords: Set<String> = [
        "demand", "precondition", "preconditionFailure", "assert", "assertionFailure", "fatalError", "debugDescription",
        "Counter", "LabelledCounter", "DurationRow",
    ]
    /// Stands in the place of a value, and is looked for in config files that were printed.
    private static let standIns: Set<String> = ["(not shown)"]

    private static func sentences(in text: String) -> [SourceLiterals.Literal] {
        SourceLiterals(text).literals.filter { literal in
            let isSentence = literal.text.contains(" ") && literal.text.contains(where: \.isLetter)
            let isForDevelopers = literal.places.contains {
                placesOfWords.contains($0) || $0.contains("var description") || $0.contains("var debugDescription")
            }
            return isSentence && !isForDevelopers && !standIns.contains(literal.text)
        }
    }

    @Test(
        "AgentCore and PoolModel contain no sentences for users and know no keys",
        arguments: ["AgentCore", "PoolModel"])
    func noSentences(target: String) {
        let files = SourceFile.all(below: "Sources/\(target)")
        for file in files {
            for literal in Self.sentences(in: file.lines.joined(separator: "\n")) {
                Issue.record("\(file.path):\(literal.line): \"\(literal.text)\"")
            }
        }
        #expect(files.count > 10)
    }

    @Test("A sentence is detected anywhere, and messages for developers are not")
    func scanner() {
        let source = #"""
            // "a comment"
            let a = "K on"
            note("to \(names["no blank"]) it", b: "word")
            demand(x == 1, "for developers", more("and these"))
            var description: String {
                return "for developers too"
            }
            let c = """
                two lines
                """, d = "\"x\" y"
            """#
        #expect(Self.sentences(in: source).map(\.line) == [2, 3, 3, 8, 10])
    }
}
