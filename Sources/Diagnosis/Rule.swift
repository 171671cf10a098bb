import PoolModel

/// The result of a rule: a cause, and how much it matters.
struct Finding {
    var level: Level
    var cause: Cause

    init(_ level: Level, _ cause: Cause) {
        self.level = level
        self.cause = cause
    }
}

/// A rule, and the figures that it rests on. Of what it does not know it says nothing, and of an estimate that it is one.
struct Rule<Evidence>: Sendable {
    let restsOn: [FigureGroup]
    let judge: @Sendable (Evidence) -> Finding?

    init(_ judge: @escaping @Sendable (Evidence) -> Finding?, restsOn: FigureGroup...) {
        self.judge = judge
        self.restsOn = restsOn
    }

    func finding(_ evidence: Evidence, _ certainties: Certainties) -> (Finding, Certainty)? {
        let certainty = certainties.of(restsOn)
        guard certainty != .unknown else { return nil }
        return judge(evidence).map { ($0, certainty) }
    }
}

extension Rule<HostEvidence> {
    func diagnosis(_ evidence: HostEvidence) -> Diagnosis? {
        finding(evidence, evidence.host.certainty).map { finding, certainty in
            Diagnosis(
                hostID: evidence.host.id, host: evidence.host.name, level: finding.level, cause: finding.cause,
                certainty: certainty)
        }
    }
}

/// Every rule about a host; of equally bad ones the earlier is the diagnosis.
let hostRules: [Rule<HostEvidence>] = [
    // These rest on no group of figures: every source knows that dials fail, even one that counts nothing.
    Rule(nameTrouble), Rule(dialTrouble), Rule(dialPending),
    Rule(undialed, restsOn: .requests, .errors, .connections, .dials),
    Rule(silence, restsOn: .activity), Rule(unanswered, restsOn: .requests, .errors, .connections),
    Rule(serverErrors, restsOn: .statuses), Rule(failures, restsOn: .errors),
    Rule(clientErrors, restsOn: .statuses), Rule(strayAnswers, restsOn: .closeReasons),
    Rule(stuck, restsOn: .activity), Rule(waiting, restsOn: .queue), Rule(slow, restsOn: .latency, .requests),
    Rule(staleName), Rule(massClose, restsOn: .closer, .closeReasons, .connections),
    Rule(addressesDead, restsOn: .dials), Rule(addressGone, restsOn: .dns, .connections),
    Rule(oneRequestEach, restsOn: .reuse, .connections, .closeReasons),
    Rule(bodyUnread, restsOn: .activity), Rule(ports, restsOn: .closer, .connections),
    Rule(lowReuse, restsOn: .reuse, .connections), Rule(closesIdle, restsOn: .closeReasons),
    Rule(timeWait), Rule(retransmits), Rule(farAddress),
    Rule(dialsUnused, restsOn: .reuse, .connections, .activity), Rule(unevenLoad, restsOn: .reuse),
    Rule(surplus, restsOn: .requests, .latency, .activity, .limits), Rule(goodReuse, restsOn: .reuse),
]
