package import PoolModel

/// One cause, found in the figures of one host or of the whole process.
///
/// Its three texts are the vocabulary of every place that shows it: the table and the headline have `shortText`, events
/// and reports have `headline`, the inspector and the list of advice have `advice`.
package struct Diagnosis: Sendable, Equatable {
    /// `HostSnapshot.id`; nil: it is about the process.
    package var hostID: Int?
    /// `HostSnapshot.name`, made safe to show; empty where it is about the process.
    package var host: String
    package var level: Level
    package var cause: Cause
    /// The certainty of the least certain figure that it rests on. Nothing is ever concluded from a figure that is unknown.
    package var certainty: Certainty

    package init(hostID: Int?, host: String, level: Level, cause: Cause, certainty: Certainty = .exact) {
        self.hostID = hostID
        self.host = host
        self.level = level
        self.cause = cause
        self.certainty = certainty
    }

    /// The stable name of the cause, for JSON and for the brackets behind advice.
    package var label: String { cause.label }

    /// At most 24 columns, without the host's name: `no response 12 s`, `503 ×12`, `refused`.
    package var shortText: String { (certainty == .estimate ? "~" : "") + cause.shortText }

    /// One line with the host's name, as an event has it: `flaky: server reset the connection (×12)`.
    package var headline: String { (host.isEmpty ? "" : host + ": ") + cause.headline }

    /// The same where keys of ours change nothing.
    package var adviceWithoutKeys: String {
        [Cause.keepAliveKeys, Cause.dnsCacheKeys].reduce(advice) { $0.replacing($1, with: " in the process itself") }
    }

    /// The cause, its figures and the remedy, without the host's name.
    package var advice: String { cause.advice + (certainty == .estimate ? " (by an estimate)" : "") }
}

/// Everything that was found about one host: one diagnosis, and hints that do not merely follow from it.
package struct HostFindings: Sendable, Equatable {
    /// The most pressing; nil: there is nothing to say.
    package var main: Diagnosis?
    /// The others, the most pressing first. None contradicts `main`: beside a BAD one there is no GOOD one.
    package var others: [Diagnosis]

    package init(main: Diagnosis? = nil, others: [Diagnosis] = []) {
        self.main = main
        self.others = others
    }

    /// All of them, the most pressing first.
    package var all: [Diagnosis] { (main.map { [$0] } ?? []) + others }

    /// Users of this host get errors or wait in vain: it counts in `3 of 17 failing`.
    package var isFailing: Bool { main?.level == .bad }
}
