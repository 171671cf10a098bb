import ArgumentParser

/// A command line that works as it stands, and what it is for. A test parses each of them.
struct Example {
    var line: String
    var purpose: String

    init(_ line: String, _ purpose: String) {
        self.line = line
        self.purpose = purpose
    }

    /// Separates a command's description from its examples. The man page is split there.
    static let heading = "EXAMPLES:"
}

extension CommandConfiguration {
    /// A subcommand whose help ends with examples.
    init(name: String, abstract: String, discussion: String, examples: [Example]) {
        self.init(
            commandName: name, abstract: abstract, discussion: Self.text(discussion, examples))
    }

    static func text(_ discussion: String, _ examples: [Example]) -> String {
        let lines = examples.map { "  \($0.line)\n      \($0.purpose)" }
        return ([discussion, "", Example.heading] + lines).joined(separator: "\n")
    }
}
