import Testing

/// Rules for the sources as text. A number beside a file is how often it may break a rule for now; it must only get
/// smaller.
@Suite("House rules") struct HouseRules {
    /// The modules that each module may import, as on the map in the architecture article. Arrows never run back up.
    private static let edges: [String: Set<String>] = [
        "PoolModel": [], "DNSWire": [], "HTTP1": [], "TLSWire": [], "Wording": ["PoolModel"],
        "AgentCore": ["PoolModel", "DNSWire"],
        "AttachProtocol": ["PoolModel", "PlainDocuments"],
        "KeepAliveAgent": [
            "PoolModel", "AgentCore", "HTTP1", "DNSWire", "CLinux", "PlainDocuments", "AttachProtocol",
        ],
        "Traffic": ["PoolModel", "AgentCore", "KeepAliveAgent"], "Downstream": ["DNSWire", "TLSWire"],
        "Diagnosis": ["PoolModel", "Wording"], "Dashboard": ["PoolModel", "Wording", "Diagnosis", "FleetCore"],
        "WatchCore": ["PoolModel", "DNSWire"],
        "Watch": ["PoolModel", "Wording", "WatchCore", "CLinux", "SessionConfig", "PlainDocuments"],
        "Attach": ["PoolModel", "CLinux", "PlainDocuments", "AttachProtocol", "WatchCore", "Watch"],
        "MetricsServing": ["PoolModel", "MetricsText"],
        "FleetCore": ["PoolModel", "PlainDocuments", "MetricsText"],
        "Experiment": ["PoolModel"], "MetricsText": ["PoolModel"], "PlainDocuments": ["Wording"],
        "SessionConfig": ["PoolModel", "Wording", "AgentCore", "DNSWire", "Experiment", "PlainDocuments"],
        "Reporting": ["PoolModel", "Wording", "Diagnosis", "Experiment", "PlainDocuments", "SessionConfig"],
        "Recordings": ["PoolModel", "Dashboard", "PlainDocuments", "SessionConfig", "Reporting"],
        "Sessions": [
            "PoolModel", "AgentCore", "HTTP1", "DNSWire", "KeepAliveAgent", "Traffic", "Downstream", "PlainDocuments",
            "SessionConfig",
        ],
        "Prober": [
            "PoolModel", "Wording", "AgentCore", "HTTP1", "DNSWire", "TLSWire", "KeepAliveAgent", "PlainDocuments",
            "SessionConfig",
        ],
        "TerminalUI": ["PoolModel", "Wording", "Dashboard", "PlainDocuments", "CNcurses"],
        "pooltop": [
            "PoolModel", "Wording", "Diagnosis", "AgentCore", "HTTP1", "DNSWire", "KeepAliveAgent", "Downstream",
            "Dashboard",
            "Experiment", "PlainDocuments", "SessionConfig", "Reporting", "Recordings", "Sessions", "Prober",
            "TerminalUI", "WatchCore", "Watch", "Attach", "AttachProtocol", "MetricsText", "FleetCore",
            "MetricsServing",
        ],
    ]
    private static let pure: Set<String> = [
        "PoolModel", "Wording", "AgentCore", "HTTP1", "DNSWire", "Diagnosis", "Dashboard", "Experiment",
        "WatchCore", "MetricsText", "FleetCore",
    ]
    private static let sources = SourceFile.all(below: "Sources")
    private static let tests = SourceFile.all(below: "Tests")

    @Test("The map contains exactly the targets of Sources")
    func targetsAreOnTheMap() {
        #expect(Set(Self.sources.map(\.target)) == Set(Self.edges.keys))
    }

    @Test("A module imports only what the map allows")
    func importsFollowTheMap() {
        let own = Set(Self.edges.keys).union(["CLinux", "CNcurses"])
        for file in Self.sources {
            let wrong = Set(file.imports).intersection(own).subtracting(Self.edges[file.target] ?? [])
            #expect(wrong.isEmpty, "\(file.path)")
        }
    }

    @Test("Only one file imports curses")
    func cursesIsImportedOnce() {
        let files = Self.sources.filter { $0.imports.contains("CNcurses") }.map(\.path)
        #expect(files == ["Sources/TerminalUI/Terminal.swift"])
    }

    /// Functions of numbers, which a pure module may have of the C library.
    private static let arithmetic = Set(["erfc", "exp", "log", "log2"].map { "import func Glibc.\($0)" })

    @Test("No module needs all of Foundation: with it comes ICU, which is larger than the program")
    func essentialsOnly() {
        for file in Self.sources {
            #expect(Set(file.imports).isDisjoint(with: ["Foundation", "FoundationNetworking", "Yams"]), "\(file.path)")
        }
    }

    @Test("A pure module reads no clock, draws no randomness and performs no I/O")
    func pureModulesArePure() {
        let forbidden = [
            "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "Date()", "FileManager", "ProcessInfo",
            "getenv(", "clock_gettime", "print(", "fputs(", "DispatchQueue", "Task {", "Task.detached",
        ]
        for file in Self.sources where Self.pure.contains(file.target) {
            let imports = SourceFile.imports(in: file.lines.filter { !Self.arithmetic.contains($0) })
            #expect(
                Set(imports).isDisjoint(with: ["NIOCore", "NIOPosix", "Glibc", "Musl", "Dispatch"]), "\(file.path)")
            for (number, text) in file.code {
                for word in forbidden where text.has(word) {
                    Issue.record("\(file.path):\(number) has \(word)")
                }
                if text.has(".random(in:") || text.has(".shuffled(") || text.has(".randomElement(") {
                    #expect(text.has("using:"), "\(file.path):\(number) draws randomness of its own")
                }
            }
        }
    }

    /// Switches over strings and numbers, which have no end of cases.
    private static let knownDefaults = [
        "Sources/Dashboard/Model/Update.swift": 1, "Sources/Dashboard/Model/UpdateOverlay.swift": 3,
    ]

    /// A switch over states, events, effects, actions or inputs names every case, so that a new case is looked at.
    @Test("Switches in the machines have no default")
    func machinesHaveNoDefault() {
        for file in Self.sources {
            let folders = ["Sources/AgentCore/", "Sources/Dashboard/Model/", "Sources/pooltop/Screens/"]
            guard folders.contains(where: file.path.hasPrefix) else { continue }
            let places = file.code.filter {
                $0.text.has("default:") && $0.text.drop { $0 == " " }.hasPrefix("default:")
            }.map(\.number)
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

    /// Such a comment is a riddle: its subject is missing, or comes last. A whole sentence is read only once.
    @Test("No comment begins as a fragment with Of, That of, What, Those, Which, Who, Whom, Whose, Whoever or Whatever")
    func commentsAreSentences() throws {
        let word = try Regex("^ *///? (Of|That of|What|Those|Which|Who|Whom|Whose|Whoever|Whatever) ")
        for file in Self.sources + Self.tests {
            for index in file.lines.indices where file.lines[index].has("//") && file.lines[index].contains(word) {
                // A line in the middle of a comment may begin with any word of its sentence.
                let isContinued = index > 0 && file.lines[index - 1].has("//")
                #expect(isContinued, "\(file.path):\(index + 1): \(file.lines[index])")
            }
        }
    }

    /// Places where an error need not or cannot be reported: an optional value that cannot be read is skipped, and a
    /// failure of standard error has nowhere to go.
    private static let knownDrops = [
        "Sources/Downstream/ServerConnection+Closing.swift": 1,
        "Sources/KeepAliveAgent/Transport/ChannelTransport.swift": 2,
        "Sources/Reporting/MetricsWindow.swift": 1, "Sources/Reporting/Output/StandardStreams.swift": 1,
        "Sources/SessionConfig/Settings/SettingValue.swift": 1, "Sources/Sessions/BundledMix.swift": 1,
        "Sources/pooltop/Runs/HeadlessRun.swift": 1,
    ]

    @Test("No error is dropped with try?")
    func errorsAreNotDropped() {
        for file in Self.sources {
            let places = file.code.filter { $0.text.has(" try? ") || $0.text.has("(try? ") }.map(\.number)
            #expect(places.count <= Self.knownDrops[file.path] ?? 0, "\(file.path): \(places)")
        }
    }

    /// Test results are read without the code, so a name has to be a sentence. Its words cannot be checked, but its form
    /// can.
    @Test("Every test has a name of at least three words that begins with a capital and ends without a period")
    func testsHaveNames() {
        for file in Self.tests {
            for index in file.lines.indices
            where file.lines[index].has("@Test") && file.lines[index].contains(/^ *@Test\b/) {
                let text = file.lines[index...].prefix(2).joined(separator: " ")
                let name = text.firstMatch(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/)?.1 ?? ""
                let isSentence =
                    name.contains(/^[A-Z0-9`]/) && !name.hasSuffix(".") && name.split(separator: " ").count >= 3
                #expect(isSentence, "\(file.path):\(index + 1): '\(name)'")
            }
        }
    }
}
