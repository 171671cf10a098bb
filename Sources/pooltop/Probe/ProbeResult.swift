import PoolModel

/// One probe from its question to its advice: what every form of report is made of.
struct ProbeResult: Sendable {
    /// As it was asked: `GET`, `HEAD`, `OPTIONS`.
    var method: String
    /// A bundled downstream's own name; else the authority.
    var name: String
    var url: TargetURL
    var tlsWeakness = TLSWeakness()
    /// The most requests that a run was to make; zero: none was to be made.
    var requestBound: Int
    var seen: ProbeObservations

    var findings: ProbeFindings { ProbeFindings(seen) }
    var advice: ProbeAdvice {
        ProbeAdvice(findings, heldSeconds: seen.heldSeconds, failure: seen.failure, tlsFailure: seen.tlsFailure)
    }
    var settings: [ClientSetting] { ClientSetting.all(advice, isTLS: url.isTLS) }
}
