import MetricsText
import PlainDocuments
import PoolModel

/// `pooltop.fleet/1`. A figure that is not known is null.
package struct FleetDocument: Codable, Equatable, Sendable {
    package static let schema = "pooltop.fleet/1"

    package var schema = FleetDocument.schema
    package var source: Source
    /// The window of the rates.
    package var durationSeconds: Double
    @Nullable package var scrapeSeconds: Double?
    @Nullable package var ageSeconds: Double?
    package var totals: FleetMetrics
    package var instances: [Instance]
    package var groups: [Group]
    package var marks: [Mark]
    package var problems: [Problem]
    /// Left out where nothing was to be checked.
    package var checks: [Check]?

    package struct Source: Codable, Equatable, Sendable {
        package var kind = SourceSnapshot.Kind.fleet.rawValue
        package var name: String
        package var scope = SourceSnapshot.Scope.fleet.rawValue
        package var notes: [String]
    }

    package struct Instance: Codable, Equatable, Sendable {
        package var name: String
        package var job: String
        package var labels: [String: String]
        package var dialects: [String]
        package var gone: Bool
        package var lastSeenSeconds: Double
        @Nullable package var hostCount: Int?
        package var metrics: FleetMetrics
        package var hosts: [Host]
    }

    package struct Host: Codable, Equatable, Sendable {
        package var name: String
        package var origin: String
        package var metrics: FleetMetrics
    }

    package struct Group: Codable, Equatable, Sendable {
        /// Null: instances without the label.
        @Nullable package var value: String?
        package var instances: Int
        package var gone: Int
        package var metrics: FleetMetrics
    }

    package struct Mark: Codable, Equatable, Sendable {
        package var time: String
        package var job: String
        package var label: String
        @Nullable package var from: String?
        package var to: String
    }

    /// A condition that every instance has to meet, and those that do not.
    package struct Check: Codable, Equatable, Sendable {
        package var expression: String
        package var passed: Bool
        package var failing: [Failing]

        package init(expression: String, passed: Bool, failing: [Failing]) {
            (self.expression, self.passed, self.failing) = (expression, passed, failing)
        }
    }

    package struct Failing: Codable, Equatable, Sendable {
        package var instance: String
        /// Null: it is not known.
        @Nullable package var value: Double?

        package init(instance: String, value: Double?) {
            self.instance = instance
            _value = Nullable(wrappedValue: value)
        }
    }

    package struct Problem: Codable, Equatable, Sendable {
        package var label: String
        package var sentence: String
        package var count: Int
    }
}

extension FleetDocument {
    /// `name`: the address of the Prometheus, without credentials. Texts from outside are made safe to print.
    package init(_ fleet: Fleet, name: String) {
        func clean(_ text: String) -> String { PlainText.clean(text) }
        func metrics(_ figures: FleetFigures) -> FleetMetrics {
            FleetMetrics(figures, windowSeconds: fleet.windowSeconds)
        }
        self.init(
            source: Source(name: clean(name), notes: fleet.problems.map(\.sentence)),
            durationSeconds: fleet.windowSeconds, scrapeSeconds: fleet.scrapeSeconds, ageSeconds: fleet.ageSeconds,
            totals: metrics(fleet.totals),
            instances: fleet.instances.map { instance in
                Instance(
                    name: clean(instance.id.instance), job: clean(instance.id.job),
                    labels: Dictionary(
                        instance.labels.map { (clean($0.name), clean($0.value)) },
                        uniquingKeysWith: { first, _ in first }),
                    dialects: instance.dialects.map(\.rawValue), gone: instance.isGone,
                    lastSeenSeconds: instance.lastSeenSeconds, hostCount: instance.hostCount,
                    metrics: metrics(instance.figures),
                    hosts: instance.hosts.map {
                        Host(name: clean($0.name), origin: clean($0.origin), metrics: metrics($0.figures))
                    })
            },
            groups: fleet.groups.map {
                Group(
                    value: $0.value.map(clean), instances: $0.instances, gone: $0.gone, metrics: metrics($0.figures))
            },
            marks: fleet.marks.map {
                Mark(
                    time: Timestamp.text($0.time), job: clean($0.job), label: clean($0.label), from: $0.from.map(clean),
                    to: clean($0.to))
            },
            problems: fleet.problems.map { Problem(label: $0.label, sentence: $0.sentence, count: $0.count) })
    }
}

// MARK: The figures stand beside the other members

extension FleetDocument.Instance {
    private enum CodingKeys: String, CodingKey {
        case name, job, labels, dialects, gone, lastSeenSeconds, hostCount, hosts
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        job = try fields.decode(String.self, forKey: .job)
        labels = try fields.decode([String: String].self, forKey: .labels)
        dialects = try fields.decode([String].self, forKey: .dialects)
        gone = try fields.decode(Bool.self, forKey: .gone)
        lastSeenSeconds = try fields.decode(Double.self, forKey: .lastSeenSeconds)
        _hostCount = try fields.decode(Nullable<Int>.self, forKey: .hostCount)
        hosts = try fields.decode([FleetDocument.Host].self, forKey: .hosts)
        metrics = try FleetMetrics(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(job, forKey: .job)
        try fields.encode(labels, forKey: .labels)
        try fields.encode(dialects, forKey: .dialects)
        try fields.encode(gone, forKey: .gone)
        try fields.encode(lastSeenSeconds, forKey: .lastSeenSeconds)
        try fields.encode(_hostCount, forKey: .hostCount)
        try metrics.encode(to: encoder)
        try fields.encode(hosts, forKey: .hosts)
    }
}

extension FleetDocument.Host {
    private enum CodingKeys: String, CodingKey {
        case name, origin
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        origin = try fields.decode(String.self, forKey: .origin)
        metrics = try FleetMetrics(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(origin, forKey: .origin)
        try metrics.encode(to: encoder)
    }
}

extension FleetDocument.Group {
    private enum CodingKeys: String, CodingKey {
        case value, instances, gone
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        _value = try fields.decode(Nullable<String>.self, forKey: .value)
        instances = try fields.decode(Int.self, forKey: .instances)
        gone = try fields.decode(Int.self, forKey: .gone)
        metrics = try FleetMetrics(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(_value, forKey: .value)
        try fields.encode(instances, forKey: .instances)
        try fields.encode(gone, forKey: .gone)
        try metrics.encode(to: encoder)
    }
}
