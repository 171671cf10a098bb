import Diagnosis
import PoolModel
import Wording

/// A diagnosis as panels show it.
struct Advice: Sendable, Equatable {
    var level: Level
    /// Behind the text in brackets.
    var rule: String
    var text: String
    var hostID: Int?

    init(_ diagnosis: Diagnosis, isReadOnly: Bool) {
        level = diagnosis.level
        rule = diagnosis.tag
        text = isReadOnly ? diagnosis.adviceWithoutKeys : diagnosis.advice
        hostID = diagnosis.hostID
    }
}

extension Level {
    var role: Role {
        switch self {
        case .bad: .bad
        case .warn: .warn
        case .hint: .text
        case .good: .good
        }
    }
}

extension DashboardState {
    /// Advice about one host, the most pressing first.
    func advice(for host: ShownHost) -> [Advice] { findings(host.id).all.map { Advice($0, isReadOnly: isReadOnly) } }

    /// Advice about all hosts and about the process, the most pressing first.
    func adviceForAll() -> [Advice] {
        guard let snapshot else { return [] }
        let all = processFindings() + snapshot.hosts.flatMap { findings($0.id).all }
        let well = all.filter { $0.level == .good }
        var shown = all.filter { $0.level != .good }.map { Advice($0, isReadOnly: isReadOnly) }
        if var praise = well.first.map({ Advice($0, isReadOnly: isReadOnly) }) {
            let names = well.map { ($0.certainty == .estimate ? "~" : "") + $0.host }
            praise.text = "\(names.joined(separator: ", ")): more than 95% of requests reuse a connection"
            praise.hostID = nil
            shown.append(praise)
        }
        return shown.enumerated().sorted { ($0.element.level, $0.offset) < ($1.element.level, $1.offset) }
            .map(\.element)
    }

    /// The findings about the process.
    func processFindings() -> [Diagnosis] {
        guard let snapshot else { return [] }
        return ProcessEvidence(
            process: snapshot.process, queriesPerSecond: queriesPerSecond.value,
            requestsPerSecond: total.requestsPerSecond.value, dnsCacheIsOn: snapshot.dnsCacheEnabled.value,
            certainty: snapshot.certainty,
            watchedConnectionsPerSecond: snapshot.origin?.isOfOtherProcess == true ? total.openedPerSecond.value : nil
        ).findings()
    }
}
