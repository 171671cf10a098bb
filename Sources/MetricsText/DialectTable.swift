internal import PoolModel

/// The rows of the dialects that are there, by the names of samples.
struct DialectTable {
    /// The meaning of one name in one dialect.
    struct Entry {
        enum Target {
            /// A place that the row alone determines.
            case fixed(HostFacts.Place)
            case status(label: String)
            case bucket(row: Int, unit: Double)
            /// A figure of our own that belongs to no host.
            case whole(OwnFacts.Place)
            case set(index: Int, label: String)
        }

        let dialect: Dialect
        let place: Target
        let conditions: [DialectRow.Condition]
        let isTotal: Bool
        /// The group that the figure belongs to; only for our own.
        var group: FigureGroup?
        /// Our units in one of theirs.
        var scale = 1.0

        /// Nil: the sample's labels say nothing that can be counted.
        func place(of sample: MetricSample) -> HostFacts.Place? {
            switch place {
            case .fixed(let place): return place
            case .whole: return nil
            case .set(let index, let label): return sample[label: label].map { .label(index, $0) }
            case .status(let label): return sample[label: label].flatMap(Self.status).map { .status($0.code) }
            case .bucket(let row, let unit):
                guard let bound = sample[label: "le"].flatMap(Double.init), !bound.isNaN else { return nil }
                return .bucket(row, (bound * unit).bitPattern)
            }
        }

        func saysClasses(_ sample: MetricSample) -> Bool {
            guard case .status(let label) = place else { return false }
            return sample[label: label].flatMap(Self.status)?.isClass == true
        }

        /// `200`, or the class in `2xx` and `2`.
        private static func status(_ text: String) -> (code: Int, isClass: Bool)? {
            if let code = Int(text), (100...599).contains(code) { return (code, false) }
            let digit = text.hasSuffix("xx") ? String(text.dropLast(2)) : text
            guard digit.count == 1, let hundreds = Int(digit), (1...5).contains(hundreds) else { return nil }
            return (hundreds * 100, true)
        }
    }

    private var entries: [String: [Entry]] = [:]
    /// The facts whose names are in the text.
    private(set) var facts: [Dialect: Set<Fact>] = [:]
    /// The dialects with statuses in the text.
    private(set) var statuses: Set<Dialect> = []

    init(_ dialects: [Dialect], _ names: Set<String>) {
        for dialect in dialects {
            if dialect == .pooltop { OwnFacts.addEntries(to: &self) }
            for row in dialect.rows { add(row, dialect, names) }
        }
    }

    /// The names that have a meaning, in the order of the alphabet.
    var names: [String] { entries.keys.sorted() }

    func entries(of name: String) -> [Entry] { entries[name] ?? [] }

    mutating func add(_ entry: Entry, name: String) { entries[name, default: []].append(entry) }

    private mutating func add(_ row: DialectRow, _ dialect: Dialect, _ names: Set<String>) {
        func entry(_ place: Entry.Target, isTotal: Bool, scale: Double = 1) -> Entry {
            Entry(dialect: dialect, place: place, conditions: row.conditions, isTotal: isTotal, scale: scale)
        }
        switch row.meaning {
        case .fact(let fact):
            add(entry(.fixed(.fact(fact)), isTotal: fact.isTotal), name: row.name)
            if names.contains(row.name) { facts[dialect, default: []].insert(fact) }
        case .statuses(let label):
            add(entry(.status(label: label), isTotal: true), name: row.name)
            if names.contains(row.name) { statuses.insert(dialect) }
        case .durations(let histogram, let unit):
            guard let index = LatencySet.rows.firstIndex(where: { $0.histogram == histogram }) else { return }
            add(entry(.bucket(row: index, unit: unit), isTotal: true), name: row.name + "_bucket")
            add(entry(.fixed(.sum(index)), isTotal: true, scale: unit), name: row.name + "_sum")
        }
    }
}
