import MetricsText

@testable import FleetCore

/// A Prometheus that knows the answer to each question, without reading its query.
final class FakePrometheus {
    struct Instance {
        var job = "shop"
        var name: String
        var version: String?
        var dialect: Dialect
        var requests = 100.0
        var reuse = 0.93
        var hosts = 2
        var ageSeconds = 1.0

        static func own(_ name: String, version: String, reuse: Double = 0.93) -> Instance {
            Instance(name: name, version: version, dialect: .pooltop, reuse: reuse)
        }

        static func dotnet(_ name: String) -> Instance { Instance(job: "billing", name: name, dialect: .dotnet) }

        fileprivate var labels: [(String, String)] {
            [("job", job), ("instance", name)] + (version.map { [("version", $0)] } ?? [])
        }

        fileprivate func value(_ measure: FleetMeasure, _ host: Int?) -> Double? {
            let part = host == nil ? 1 : 1 / Double(hosts)
            switch measure {
            case .fact(.answered): return requests * part
            case .fact(.failed): return dialect == .dotnet ? nil : 0
            case .fact(.opened): return dialect == .dotnet ? nil : requests * (1 - reuse) * part
            case .fact(.closed): return requests * (1 - reuse) * part
            case .fact(.onNew): return requests * (1 - reuse) * part
            case .fact(.onReused): return requests * reuse * part
            case .fact(.active): return Double(hosts) * part
            case .fact(.idle): return Double(hosts) * part
            case .fact(.inFlight): return Double(hosts) * part
            case .fact(.queued): return dialect == .dotnet ? nil : 0
            case .fact: return nil
            case .change: return 0
            case .responseTime(let percentile): return Double(percentile.rawValue) / 1000
            case .set: return nil
            case .hosts: return Double(hosts)
            case .multiplexed: return nil
            }
        }
    }

    var instances: [Instance]
    var time = 5000.0
    var scrapeSeconds = 15.0
    /// Questions that are answered with an error.
    var refuses: (FleetRequest.Question) -> Bool = { _ in false }
    /// The queries so far.
    private(set) var asked: [String] = []

    init(_ instances: [Instance]) { self.instances = instances }

    func play(_ machine: inout FleetMachine, at now: Double) {
        var requests = machine.begin(at: now)
        while let request = requests.first {
            requests.removeFirst()
            requests += machine.receive(answer(request), to: request, at: now)
        }
    }

    func answer(_ request: FleetRequest) -> Result<PrometheusAnswer, PrometheusFailure> {
        asked.append(request.items.first?.value ?? "")
        if refuses(request.question) { return .failure(.refused(type: "execution", message: "no")) }
        switch request.question {
        case .names:
            return .success(PrometheusAnswer(result: .names(FleetMeasure.names)))
                .map { $0.without(others: Set(instances.map(\.dialect))) }
        case .presence(let dialect), .past(let dialect): return vector(presence(dialect))
        case .scrapes(let id):
            let points = (0..<6).map { PrometheusAnswer.Point(time: time - 90 + Double($0) * scrapeSeconds, value: 1) }
            return .success(
                PrometheusAnswer(result: .matrix([.init(labels: labels([("job", id.job)]), points: points)])))
        case .hostCount(let dialect):
            return vector([([], Double(instances.filter { $0.dialect == dialect }.reduce(0) { $0 + $1.hosts }))])
        case .measure(let measure, let dialect, let scope): return vector(rows(measure, dialect, scope))
        case .samples: return vector([])
        case .values: return .success(PrometheusAnswer(result: .matrix([])))
        }
    }

    private func vector(_ rows: [(labels: [(String, String)], value: Double)])
        -> Result<PrometheusAnswer, PrometheusFailure>
    {
        .success(
            PrometheusAnswer(
                result: .vector(
                    rows.map { .init(labels: labels($0.labels), points: [.init(time: time, value: $0.value)]) })))
    }

    private func labels(_ pairs: [(String, String)]) -> [MetricSample.Label] {
        pairs.map { .init(name: $0.0, value: $0.1) }
    }

    /// Our own instances have the names of .NET, too.
    private func presence(_ dialect: Dialect) -> [(labels: [(String, String)], value: Double)] {
        instances.filter { $0.dialect == dialect || (dialect == .dotnet && $0.dialect == .pooltop) }
            .map { ($0.labels, $0.ageSeconds) }
    }

    private func rows(
        _ measure: FleetMeasure, _ dialect: Dialect, _ scope: FleetScope
    ) -> [(labels: [(String, String)], value: Double)] {
        let members = instances.filter { $0.dialect == dialect || (dialect == .dotnet && $0.dialect == .pooltop) }
        switch scope {
        case .total, .groups, .instance, .host: return []
        case .instances:
            return members.compactMap { member in
                member.value(measure, nil).map { (Array(member.labels.prefix(2)), $0) }
            }
        case .hosts(let id):
            return members.filter { id == nil || $0.name == id?.instance }.flatMap { member in
                (0..<member.hosts).compactMap { host in
                    member.value(measure, host).map { value in
                        (
                            Array(member.labels.prefix(2)) + [
                                ("host", "h\(host)"), ("server_address", "h\(host).local"), ("server_port", "80"),
                                ("url_scheme", "http"),
                            ], value
                        )
                    }
                }
            }
        }
    }
}

extension PrometheusAnswer {
    /// Only the names of these dialects.
    fileprivate func without(others dialects: Set<Dialect>) -> PrometheusAnswer {
        guard case .names(let names) = result else { return self }
        let wanted = Set(dialects.flatMap { $0.sampleNames + $0.marks })
        return PrometheusAnswer(result: .names(names.filter(wanted.contains)))
    }
}
