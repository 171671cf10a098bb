/// The settings of the agent by name, as the source of the figures knows them: the screen has no list of its own.
package struct SettingCatalog: Sendable {
    package struct Entry: Sendable, Equatable {
        /// As in config files and in `--at`.
        package var name: String
        /// At the start, as `check` reads it.
        package var value: String
        /// Values worth offering, in the order in which they are offered.
        package var examples: [String]
        /// False for what exists once for all hosts.
        package var isPerHost: Bool

        package init(name: String, value: String, examples: [String] = [], isPerHost: Bool = true) {
            self.name = name
            self.value = value
            self.examples = examples
            self.isPerHost = isPerHost
        }
    }
    package var entries: [Entry]
    /// The values that hosts have for themselves at the start, by `HostSnapshot.id` and name.
    package var own: [Int: [String: String]]
    /// Reads a value.
    package var check: @Sendable (_ name: String, _ value: String) -> Answer

    package enum Answer: Sendable, Equatable {
        /// In the form in which settings are printed.
        case value(String)
        /// Why it is none, and which ones are.
        case problem(String)
    }

    package init(
        entries: [Entry] = [], own: [Int: [String: String]] = [:],
        check: @escaping @Sendable (_ name: String, _ value: String) -> Answer = { _, value in .value(value) }
    ) {
        self.entries = entries
        self.own = own
        self.check = check
    }

    subscript(name: String) -> Entry? { entries.first { $0.name == name } }
}

/// The settings as they were changed so far: what `u` goes back to, and what a completion says is in force.
struct SettingValues: Sendable {
    private var all: [String: String]
    private var own: [Int: [String: String]]

    init(_ catalog: SettingCatalog) {
        all = Dictionary(catalog.entries.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        own = catalog.own
    }

    /// In force for a host, or for all that have none of their own.
    func value(_ name: String, host: Int?) -> String? { host.flatMap { own[$0]?[name] } ?? all[name] }

    mutating func forgetOwn(_ name: String) {
        for host in own.keys { own[host]?[name] = nil }
    }

    mutating func set(_ name: String, _ value: String, host: Int?) {
        if let host { own[host, default: [:]][name] = value } else { all[name] = value }
    }
}
