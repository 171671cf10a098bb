import MetricsText

/// Finds new values of labels: an instance whose label changed, or a new one with a value that none of its job had.
struct LabelMarks: Sendable {
    /// Labels whose new values mean a deploy. Others, such as the name of a pod, change for other reasons.
    static let usual: Set<String> = [
        "version", "app_version", "service_version", "app_kubernetes_io_version", "release", "revision", "build",
        "build_version", "commit", "git_commit", "git_sha", "image", "image_tag", "tag",
    ]

    /// More are forgotten, the oldest first.
    private static let maxMarks = 200

    private let labels: Set<String>
    /// The values that the instances of a job had at the last look.
    private var values: [String: [String: Set<String>]] = [:]
    private(set) var marks: [FleetMark] = []

    init(label: String?) { labels = Self.usual.union(label.map { [$0] } ?? []) }

    func isWatched(_ label: String) -> Bool { labels.contains(label) }

    /// The instances that are there now, with the labels of each. The first look at a job makes no marks.
    mutating func observe(_ instances: [(id: InstanceID, labels: [MetricSample.Label])], at time: Double) {
        var present: [String: [String: Set<String>]] = [:]
        for (id, found) in instances {
            for label in found where labels.contains(label.name) && !label.value.isEmpty {
                present[id.job, default: [:]][label.name, default: []].insert(label.value)
            }
        }
        for (job, found) in present.sorted(by: { $0.key < $1.key }) {
            for (label, current) in found.sorted(by: { $0.key < $1.key }) {
                let before = values[job]?[label]
                values[job, default: [:]][label] = current
                guard let before else { continue }
                for value in current.subtracting(before).sorted() {
                    add(
                        FleetMark(
                            time: time, job: job, label: label, from: before.count == 1 ? before.first : nil, to: value)
                    )
                }
            }
        }
    }

    /// Marks of the time before the first look.
    mutating func add(past: [FleetMark]) {
        for mark in past where !marks.contains(where: { $0.isSame(as: mark) }) { add(mark) }
        marks.sort { ($0.time, $0.job, $0.label, $0.to) < ($1.time, $1.job, $1.label, $1.to) }
    }

    private mutating func add(_ mark: FleetMark) {
        marks.append(mark)
        if marks.count > Self.maxMarks { marks.removeFirst() }
    }
}

extension FleetMark {
    fileprivate func isSame(as other: FleetMark) -> Bool {
        (job, label, to) == (other.job, other.label, other.to) && abs(time - other.time) < 120
    }

    /// The marks in the answer to how many instances had each value of a label over time. The values with which a job
    /// began are none.
    static func all(in answer: PrometheusAnswer, label: String, clockOffset: Double) -> [FleetMark] {
        var begins: [String: Double] = [:]
        for series in answer.series {
            guard let first = series.points.first?.time else { continue }
            begins[series[label: "job"] ?? ""] = min(begins[series[label: "job"] ?? ""] ?? first, first)
        }
        return answer.series.compactMap { series -> FleetMark? in
            let job = series[label: "job"] ?? ""
            guard let value = series[label: label], !value.isEmpty, let first = series.points.first?.time,
                let begin = begins[job], first > begin
            else { return nil }
            return FleetMark(time: first + clockOffset, job: job, label: label, from: nil, to: value)
        }.sorted { ($0.time, $0.job, $0.to) < ($1.time, $1.job, $1.to) }
    }
}
