/// An option of the command line: how it is written, what help says of it, and what it puts into a draft.
package struct CommandOption: Sendable {
    package var name: OptionName
    package var form: OptionForm
    /// Sentences, the default among them.
    package var help: String
    /// Puts what was given into a draft: a text for each time, or an empty one for a switch.
    package var fill: @Sendable (_ texts: [String], inout PlanDraft) throws(CommandLineError) -> Void

    /// As a person is told of it: `--max-sockets`.
    package var source: Source { name.source }
}

/// How an option is written.
package struct OptionName: Sendable, Hashable {
    /// Without dashes.
    package var long: String
    package var short: Character?

    package init(_ long: String, short: Character? = nil) {
        self.long = long
        self.short = short
    }

    package var source: Source { .option("--\(long)") }
}

/// How often an option has a value, and which.
package enum OptionForm: Sendable, Equatable {
    /// One value, by this name in the help.
    case value(String, OptionCompletion = .none)
    /// May be given several times.
    case list(String)
    /// Without a value.
    case flag
}

/// How a shell completes the value of an option.
package enum OptionCompletion: Sendable, Equatable {
    case none
    case file
    case words([String])
}

/// Defaults as help tells them, which is how people say them: `60s` and not `1m`, `200k/min` and not `200000/min`.
package enum HelpText {
    package static func duration(_ duration: Duration) -> String {
        if duration == .zero { return "0" }
        return duration == .seconds(60) ? "60s" : DurationText.format(duration)
    }

    package static func rate(_ perSecond: Double) -> String {
        let thousands = perSecond * 60 / 1000
        guard thousands >= 1, thousands.rounded() * 1000 / 60 == perSecond else { return RateText.format(perSecond) }
        return "\(Int(thousands.rounded()))k/min"
    }

    package static func share(_ share: Double) -> String { "\(number(share * 100))%" }

    package static func number(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? number.description
    }

    /// `keepAlive=off and dnsCache=off`.
    package static func list(_ changes: [ScopedChange]) -> String { changes.map(\.text).joined(separator: " and ") }

    /// The help of an option, with its default behind the first sentences.
    package static func text(_ sentences: String, default value: String?, after rest: String = "") -> String {
        sentences + (value.map { " Default: \($0)." } ?? "") + (rest.isEmpty ? "" : " \(rest)")
    }
}
