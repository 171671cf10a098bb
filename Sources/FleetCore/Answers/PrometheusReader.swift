import MetricsText
import PlainDocuments

/// Reads answers of Prometheus's HTTP API, and of the databases that answer as it does, from untrusted bytes.
package struct PrometheusReader: Sendable {
    /// Limits on one answer.
    package struct Limits: Sendable {
        /// A larger answer is refused.
        package var bytes = 32 << 20
        package var series = 50_000
        /// Values of a label.
        package var names = 50_000
        /// Points over all series of a matrix.
        package var points = 500_000
        package var labels = 64
        package var labelBytes = 1024
        package var warnings = 10
        package var messageBytes = 512

        package init() {}
    }

    private let limits: Limits
    private var points = 0
    private var isTruncated = false
    private var skipped = 0

    private init(_ limits: Limits) { self.limits = limits }

    /// Errors of the API come with a body of JSON and a status of 4xx or 5xx, so a status alone says less than the body.
    package static func read(
        _ bytes: ArraySlice<UInt8>, status: Int = 200, limits: Limits = Limits()
    ) throws(PrometheusFailure) -> PrometheusAnswer {
        if status == 401 || status == 403 || status == 407 { throw .unauthorized(status) }
        guard bytes.count <= limits.bytes else { throw .tooLarge(limit: limits.bytes) }
        let document: JSONValue
        do {
            document = try JSONReader.value(of: bytes)
        } catch {
            if error.problem.contains("\(JSONReader.mostValues) values") {
                throw .tooMany(limit: JSONReader.mostValues)
            }
            throw status == 200 ? .notPrometheus(error.problem) : .status(status)
        }
        var reader = PrometheusReader(limits)
        return try reader.answer(document, status: status)
    }

    private mutating func answer(_ document: JSONValue, status: Int) throws(PrometheusFailure) -> PrometheusAnswer {
        switch document["status"]?.text {
        case "success": if !(200...299).contains(status) { throw .status(status) }
        case "error":
            throw .refused(
                type: cut(document["errorType"]?.text ?? "error", limits.messageBytes),
                message: cut(document["error"]?.text ?? "", limits.messageBytes))
        default: throw status == 200 ? .notPrometheus("no 'status' of the API") : .status(status)
        }
        guard let data = document["data"] else { throw .notPrometheus("no 'data'") }
        let result = try result(data)
        let texts = (document["warnings"]?.items ?? []) + (document["infos"]?.items ?? [])
        let warnings = texts.prefix(limits.warnings).compactMap(\.text).map { cut($0, limits.messageBytes) }
        return PrometheusAnswer(result: result, warnings: warnings, isTruncated: isTruncated, skipped: skipped)
    }

    private mutating func result(_ data: JSONValue) throws(PrometheusFailure) -> PrometheusAnswer.Result {
        if case .array(let items) = data {
            // Series are objects, values of a label are strings; an empty list is either.
            if items.contains(where: { $0.text != nil }) || items.isEmpty { return .names(names(items)) }
            return .labels(bounded(items, limits.series).compactMap { labels($0) })
        }
        guard let type = data["resultType"]?.text, let result = data["result"] else {
            throw .notPrometheus("no 'resultType'")
        }
        switch type {
        case "vector": return .vector(series(result, key: "value", isRange: false))
        case "matrix": return .matrix(series(result, key: "values", isRange: true))
        case "scalar":
            guard let point = point(result) else { return .vector([]) }
            return .vector([PrometheusAnswer.Series(labels: [], points: [point])])
        default: throw .notPrometheus("a result of type '\(cut(type, 40))'")
        }
    }

    private mutating func bounded(_ items: [JSONValue], _ limit: Int) -> ArraySlice<JSONValue> {
        if items.count > limit { isTruncated = true }
        return items.prefix(limit)
    }

    private mutating func names(_ items: [JSONValue]) -> [String] {
        bounded(items, limits.names).compactMap { item in
            guard let text = item.text, text.utf8.count <= limits.labelBytes else {
                skipped += 1
                return nil
            }
            return text
        }
    }

    private mutating func series(_ result: JSONValue, key: String, isRange: Bool) -> [PrometheusAnswer.Series] {
        bounded(result.items, limits.series).compactMap { item in
            guard let labels = labels(item["metric"]), let value = item[key] else {
                skipped += 1
                return nil
            }
            let points = isRange ? points(value.items) : [point(value)].compactMap { $0 }
            if points.isEmpty {
                skipped += 1
                return nil
            }
            return PrometheusAnswer.Series(labels: labels, points: points)
        }
    }

    private mutating func points(_ items: [JSONValue]) -> [PrometheusAnswer.Point] {
        let room = max(0, limits.points - points)
        let read = bounded(items, room).compactMap { point($0) }
        points += read.count
        return read
    }

    /// `[1700000000.123, "0.5"]`.
    private func point(_ value: JSONValue) -> PrometheusAnswer.Point? {
        let pair = value.items
        guard pair.count == 2, let time = pair[0].asDouble, let text = pair[1].text, text.utf8.count <= 64,
            let number = Double(text)
        else { return nil }
        return PrometheusAnswer.Point(time: time, value: number)
    }

    /// Nil: these are no labels. A series without labels is one.
    private mutating func labels(_ value: JSONValue?) -> [MetricSample.Label]? {
        guard case .object(let members) = value, members.count <= limits.labels else { return nil }
        var labels: [MetricSample.Label] = []
        labels.reserveCapacity(members.count)
        for member in members {
            guard let text = member.value.text else { return nil }
            labels.append(.init(name: cut(member.key, limits.labelBytes), value: cut(text, limits.labelBytes)))
        }
        return labels
    }

    private func cut(_ text: String, _ bytes: Int) -> String {
        text.utf8.count <= bytes ? text : String(decoding: text.utf8.prefix(bytes), as: UTF8.self)
    }
}

extension JSONValue {
    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
    fileprivate var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
}
