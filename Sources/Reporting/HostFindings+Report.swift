import Diagnosis
import PlainDocuments
import PoolModel

extension HostWindow {
    /// The findings from the figures of the window and the host as it was at its end, or while it was still waited for.
    func findings(seconds: Double) -> HostFindings {
        guard let waiting else { return HostFindings() }
        return HostEvidence(host: waiting, gained: givenUp?.gained ?? figures.metrics, seconds: seconds).findings()
    }

    /// Requests that are waited for, or were until they were given up; none where it is not known.
    fileprivate var inFlightAges: [InFlightAge] {
        figures.certainty[.activity] == .unknown ? [] : waiting?.inFlightAges ?? []
    }

    /// A percentile of response times that counts what was never answered as longer than it was waited for: `>12.0s`.
    func responseTime(_ percent: Double) -> Figure<Quantile> {
        figures.known.response.map { $0.quantile(percent, inFlight: inFlightAges) }
    }
}

extension MetricsWindow {
    /// The requests of all hosts that are waited for, or were.
    var inFlightAges: [InFlightAge] {
        hosts.reduce(into: []) { ages, host in ages.merge(host.inFlightAges) }
    }
}

extension HostFindings {
    /// `diagnosis` of the reports; null where there is nothing to say.
    var document: JSONValue {
        guard let main else { return .null }
        return .object(main.members + [.init(key: "others", value: .array(others.map { .object($0.members) }))])
    }

    /// For people: what users of the host feel, or what will hurt.
    var pressing: [Diagnosis] { all.filter { $0.level <= .warn } }
}

extension Diagnosis {
    fileprivate var members: [JSONValue.Member] {
        [
            .init(key: "level", value: .string(level.word.lowercased())), .init(key: "cause", value: .string(label)),
            .init(key: "certainty", value: .string(certainty.rawValue)),
            .init(key: "text", value: .string(PlainText.clean(headline, limit: 1024))),
            .init(key: "advice", value: .string(PlainText.clean(advice, limit: 1024))),
        ]
    }

    /// `BAD   shop: …` in lines of at most so many columns, with the name that the table has.
    func lines(name: String, width: Int) -> [String] {
        let indent = 6
        // Nothing outside of ASCII but what names bring along.
        let text = PlainText.clean("\(name): \(advice)", limit: 1024).replacing("×", with: "x")
        let words = text.split(separator: " ").map(String.init)
        return TextTable.wrapped(words, title: level.word, indent: indent, width: width, separator: " ")
    }
}
