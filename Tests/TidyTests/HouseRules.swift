import Testing

/// Rules that hold for the sources as text. A number beside a file is how often it may break a rule for now: it only ever
/// gets smaller.
@Suite("House rules") struct HouseRules {
    /// Which of our own modules a module may import: the map in the architecture article. An arrow never runs back up.
    private static let edges: [String: Set<String>] = [
        "PoolModel": [], "DNSWire": [], "HTTP1": [], "TLSWire": [], "Wording": ["PoolModel"],
        "AgentCore": ["PoolModel", "DNSWire"],
        "KeepAliveAgent": ["PoolModel", "AgentCore", "HTTP1", "DNSWire", "CLinux"],
        "Traffic": ["PoolModel", "AgentCore", "KeepAliveAgent"], "Downstream": ["DNSWire", "TLSWire"],
        "Dashboard": ["PoolModel", "Wording"], "Experiment": ["PoolModel"], "PlainDocuments": ["Wording"],
        "SessionConfig": ["PoolModel", "Wording", "AgentCore", "DNSWire", "Experiment", "PlainDocuments"],
        "Reporting": ["PoolModel", "Wording", "Experiment", "PlainDocuments", "SessionConfig"],
        "Recordings": ["PoolModel", "Dashboard", "PlainDocuments", "SessionConfig", "Reporting"],
        "Sessions": [
            "PoolModel", "AgentCore", "HTTP1", "DNSWire", "KeepAliveAgent", "Traffic", "Downstream", "PlainDocuments",
            "SessionConfig",
        ],
        "Prober": [
            "PoolModel", "AgentCore", "HTTP1", "DNSWire", "TLSWire", "KeepAliveAgent", "PlainDocuments",
            "SessionConfig",
        ],
        "TerminalUI": ["PoolModel", "Wording", "Dashboard", "PlainDocuments", "CNcurses"],
        "pooltop": [
            "PoolModel", "Wording", "AgentCore", "HTTP1", "DNSWire", "KeepAliveAgent", "Downstream", "Dashboard",
            "Experiment", "PlainDocuments", "SessionConfig", "Reporting", "Recordings", "Sessions", "Prober",
            "TerminalUI",
        ],
    ]
    private static let pure: Set<String> = [
        "PoolModel", "Wording", "AgentCore", "HTTP1", "DNSWire", "Dashboard", "Experiment",
    ]
    private static let sources = SourceFile.all(below: "Sources")

    @Test("Every target of Sources is on the map, and on the map is nothing else")
    func targetsAreOnTheMap() {
        #expect(Set(Self.sources.map(\.target)) == Set(Self.edges.keys))
    }

    @Test("A module imports only what the map lets it")
    func importsFollowTheMap() {
        let own = Set(Self.edges.keys).union(["CLinux", "CNcurses"])
        for file in Self.sources {
            let wrong = Set(file.imports).intersection(own).subtracting(Self.edges[file.target] ?? [])
            #expect(wrong.isEmpty, "\(file.path)")
        }
    }

    @Test("Curses is imported by one file")
    func cursesIsImportedOnce() {
        let files = Self.sources.filter { $0.imports.contains("CNcurses") }.map(\.path)
        #expect(files == ["Sources/TerminalUI/Terminal.swift"])
    }

    @Test("A pure module reads no clock, draws no randomness and performs no I/O")
    func pureModulesArePure() {
        let forbidden = [
            "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "Date()", "FileManager", "ProcessInfo",
            "getenv(", "clock_gettime", "print(", "fputs(", "DispatchQueue", "Task {", "Task.detached",
        ]
        for file in Self.sources where Self.pure.contains(file.target) {
            #expect(
                Set(file.imports).isDisjoint(with: ["NIOCore", "NIOPosix", "Glibc", "Musl", "Dispatch"]), "\(file.path)"
            )
            for (number, text) in file.code {
                for word in forbidden { #expect(!text.contains(word), "\(file.path):\(number) has \(word)") }
                if text.contains(".random(in:") || text.contains(".shuffled(") || text.contains(".randomElement(") {
                    #expect(text.contains("using:"), "\(file.path):\(number) draws randomness of its own")
                }
            }
        }
    }

    /// Switches over strings and numbers, which have no end of cases.
    private static let knownDefaults = [
        "Sources/AgentCore/Machine/AgentMachine+Exchange.swift": 1, "Sources/Dashboard/Model/Update.swift": 1,
        "Sources/Dashboard/Model/UpdateAgent.swift": 3,
    ]

    /// A switch over states, events, effects, actions or inputs names every case, so that a new case is looked at.
    @Test("The machines have no default")
    func machinesHaveNoDefault() {
        for file in Self.sources {
            guard file.target == "AgentCore" || file.path.hasPrefix("Sources/Dashboard/Model/Update") else { continue }
            let places = file.code.filter { $0.text.drop { $0 == " " }.hasPrefix("default:") }.map(\.number)
            #expect(places.count <= Self.knownDefaults[file.path] ?? 0, "\(file.path): \(places)")
        }
    }

    @Test("No file has more than 400 lines, and no function more than 60")
    func filesAndFunctionsAreShort() {
        for file in Self.sources {
            #expect(file.lines.count <= 401, "\(file.path)")
            for function in file.functions where function.length > 60 {
                Issue.record("\(file.path):\(function.line): \(function.name) has \(function.length) lines")
            }
        }
    }

    /// How many comments of the sources begin as a fragment. They become sentences one by one.
    private static let knownFragments = 233

    @Test("Comments are sentences with a subject: ever fewer begin with Of, What, Those, Whoever")
    func commentsAreSentences() throws {
        let word = try Regex("^ *///? (Of|What|Those|Whoever|Whatever) ")
        let places = Self.sources.flatMap { file in
            file.lines.indices.filter { index in
                // A line that goes on with a sentence of the line before begins nothing.
                file.lines[index].contains(word) && (index == 0 || !file.lines[index - 1].contains("//"))
            }.map { "\(file.path):\($0 + 1)" }
        }
        #expect(places.count <= Self.knownFragments, "\(places.count): \(places)")
    }

    /// Where there is nothing to tell anybody, or nobody left to tell it: what cannot be had is passed over, and standard
    /// error cannot be reported on.
    private static let knownDrops = [
        "Sources/Downstream/Connection+Closing.swift": 1, "Sources/KeepAliveAgent/Transport/ChannelTransport.swift": 2,
        "Sources/Reporting/MetricsWindow.swift": 1, "Sources/Reporting/Output/StandardStreams.swift": 1,
        "Sources/SessionConfig/Settings/SettingValue.swift": 1, "Sources/Sessions/BundledMix.swift": 1,
        "Sources/pooltop/Runs/HeadlessRun.swift": 1,
    ]

    @Test("Nothing drops an error with try?")
    func errorsAreNotDropped() {
        for file in Self.sources {
            let places = file.code.filter { $0.text.contains(" try? ") || $0.text.contains("(try? ") }.map(\.number)
            #expect(places.count <= Self.knownDrops[file.path] ?? 0, "\(file.path): \(places)")
        }
    }
}
