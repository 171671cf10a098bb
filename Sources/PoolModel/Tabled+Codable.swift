/// The JSON form of counts that are declared in a table: an object for each group in the path, a number for each count,
/// an object for each set of labels.
///
/// Reading is lenient so that recordings can evolve: a missing count is zero, and unknown counts and labels are
/// skipped.
extension Tabled {
    /// Writes every count at its path without the first `dropping` names.
    func encodeCounts(to container: KeyedEncodingContainer<NameKey>, dropping: Int = 0) throws {
        var groups = OpenedForWriting(container)
        for counter in Self.counters {
            try groups.write(counter.path.dropFirst(dropping)) { group, name in
                try group.encode(self[keyPath: counter.keyPath], forKey: name)
            }
        }
        for counter in Self.labelledCounters {
            try groups.write(counter.path.dropFirst(dropping)) { group, name in
                var labels = group.nestedContainer(keyedBy: NameKey.self, forKey: name)
                for (label, count) in counter.counts(self) { try labels.encode(count, forKey: NameKey(label)) }
            }
        }
    }

    /// Reads the counts that are present, each at its path without the first `dropping` names.
    mutating func decodeCounts(from container: KeyedDecodingContainer<NameKey>, dropping: Int = 0) throws {
        var groups = OpenedForReading(container)
        for counter in Self.counters {
            guard let (group, name) = try groups.place(counter.path, dropping), group.contains(name) else { continue }
            self[keyPath: counter.keyPath] = try group.decode(Int.self, forKey: name)
        }
        for counter in Self.labelledCounters {
            guard let (group, name) = try groups.place(counter.path, dropping), group.contains(name) else { continue }
            for (label, count) in try group.decode([String: Int].self, forKey: name) {
                _ = counter.set(&self, label, count)
            }
        }
    }
}

/// The objects that counts are written to. Each is opened only once, because opening it again would discard its first
/// counts.
private struct OpenedForWriting {
    private var top: KeyedEncodingContainer<NameKey>
    private var groups: [String: KeyedEncodingContainer<NameKey>] = [:]

    init(_ top: KeyedEncodingContainer<NameKey>) { self.top = top }

    /// Lets `body` write the last name of a path of one or two names into the object that contains it.
    mutating func write(
        _ path: ArraySlice<NameKey>, _ body: (inout KeyedEncodingContainer<NameKey>, NameKey) throws -> Void
    ) throws {
        guard let first = path.first, let last = path.last else { return }
        guard path.count > 1 else { return try body(&top, last) }
        var group = groups[first.stringValue] ?? top.nestedContainer(keyedBy: NameKey.self, forKey: first)
        try body(&group, last)
        groups[first.stringValue] = group
    }
}

/// The objects that counts are read from. Each is opened only once, because opening one costs more than reading a count
/// and a recording has many hosts.
private struct OpenedForReading {
    private let top: KeyedDecodingContainer<NameKey>
    /// A linear search is fastest for so few; nil if there is no such object.
    private var groups: [(name: String, group: KeyedDecodingContainer<NameKey>?)] = []

    init(_ top: KeyedDecodingContainer<NameKey>) { self.top = top }

    /// The object that contains the last name of a path, which has one or two names after the first `dropping`; nil if
    /// there is none.
    mutating func place(
        _ path: [NameKey], _ dropping: Int
    ) throws -> (group: KeyedDecodingContainer<NameKey>, name: NameKey)? {
        guard dropping < path.count else { return nil }
        let (first, last) = (path[dropping], path[path.count - 1])
        guard path.count - dropping > 1 else { return (top, last) }
        if let known = groups.first(where: { $0.name == first.stringValue }) { return known.group.map { ($0, last) } }
        let isThere = top.contains(first) ? try !top.decodeNil(forKey: first) : false
        let group = isThere ? try top.nestedContainer(keyedBy: NameKey.self, forKey: first) : nil
        groups.append((first.stringValue, group))
        return group.map { ($0, last) }
    }
}

/// A key made from a name in the table.
struct NameKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ name: some StringProtocol) { stringValue = String(name) }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    /// The keys of a dotted path.
    static func path(_ name: String) -> [NameKey] { name.split(separator: ".").map { NameKey($0) } }
}

extension HostMetrics: Codable {
    /// Reads the counts that are present; the others are zero.
    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: NameKey.self)
        try decodeCounts(from: container)
        latency = try container.decodeIfPresent(LatencySet.self, forKey: NameKey("latency")) ?? LatencySet()
    }

    /// Writes every count at the path that it has in reports.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: NameKey.self)
        try encodeCounts(to: container)
        try container.encode(latency, forKey: NameKey("latency"))
    }
}

extension DNSCounts: Codable {
    /// Reads the counts that are present; the others are zero.
    public init(from decoder: any Decoder) throws {
        self.init()
        try decodeCounts(from: decoder.container(keyedBy: NameKey.self), dropping: 1)
    }

    /// Writes every count under its name.
    public func encode(to encoder: any Encoder) throws {
        try encodeCounts(to: encoder.container(keyedBy: NameKey.self), dropping: 1)
    }
}

extension LatencySet: Codable {
    /// Reads the distributions that are present; the others are empty.
    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: NameKey.self)
        for row in Self.rows {
            guard let durations = try container.decodeIfPresent(LatencyHistogram.self, forKey: NameKey(row.name)) else {
                continue
            }
            self[keyPath: row.histogram] = durations
        }
    }

    /// Writes every distribution under its name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: NameKey.self)
        for row in Self.rows { try container.encode(self[keyPath: row.histogram], forKey: NameKey(row.name)) }
    }
}
