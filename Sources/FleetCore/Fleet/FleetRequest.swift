package import MetricsText

/// A question to Prometheus, as the path and the query of a GET or POST.
package struct FleetRequest: Sendable, Equatable {
    package struct Item: Sendable, Equatable {
        package var name: String
        /// Not encoded.
        package var value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The meaning of the answer.
    package enum Question: Hashable, Sendable {
        case names
        case presence(Dialect)
        /// The instances of the last hour.
        case past(Dialect)
        /// Samples with their times.
        case scrapes(InstanceID)
        /// Before each host is asked for.
        case hostCount(Dialect)
        case measure(FleetMeasure, Dialect, FleetScope)
        /// All samples of one instance.
        case samples(InstanceID)
        /// The values of a label over the last hour.
        case values(of: String, Dialect)
    }

    package var question: Question
    /// Answers of an earlier round are late.
    package var round: Int
    /// Below the address of the Prometheus: `api/v1/query`.
    package var path: String
    package var items: [Item]

    /// True where the API takes a POST with the items as its form, which fits where a query is long.
    package var mayBePosted: Bool { path != Self.namesPath }

    /// The items as the query of a GET, and as the body of a POST of `application/x-www-form-urlencoded`.
    package var form: String {
        items.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// Only what RFC 3986 §2.3 calls unreserved stays as it is.
    private static func encoded(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count * 2)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }

    static let namesPath = "api/v1/label/__name__/values"
    static let queryPath = "api/v1/query"
    static let rangePath = "api/v1/query_range"

    static func names(_ match: String, round: Int) -> FleetRequest {
        FleetRequest(question: .names, round: round, path: namesPath, items: [Item("match[]", match)])
    }

    /// At Prometheus's own present time, unless `time` says another.
    static func query(_ question: Question, _ query: String, time: Double?, round: Int) -> FleetRequest {
        let time = time.map { [Item("time", decimal($0))] } ?? []
        return FleetRequest(question: question, round: round, path: queryPath, items: [Item("query", query)] + time)
    }

    static func range(
        _ question: Question, _ query: String, from start: Double, to end: Double, stepSeconds: Double, round: Int
    ) -> FleetRequest {
        FleetRequest(
            question: question, round: round, path: rangePath,
            items: [
                Item("query", query), Item("start", decimal(start)), Item("end", decimal(end)),
                Item("step", decimal(stepSeconds)),
            ])
    }

    /// To the millisecond, which is what Prometheus keeps.
    private static func decimal(_ seconds: Double) -> String {
        let milliseconds = Int((min(max(seconds, 0), 1e11) * 1000).rounded())
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        return "\(milliseconds / 1000).\(fraction)"
    }
}
