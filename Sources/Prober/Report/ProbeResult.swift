import PoolModel
package import SessionConfig

/// One probe from its question to its advice: what every form of report is made of.
package struct ProbeResult: Sendable {
    /// As it was asked: `GET`, `HEAD`, `OPTIONS`.
    package var method: String
    /// A bundled downstream's own name; else the authority.
    package var name: String
    package var url: TargetURL
    package var tlsWeakness = TLSWeakness()
    /// The most requests that a run was to make; zero: none was to be made.
    package var requestBound: Int
    package var seen: ProbeObservations

    package var findings: ProbeFindings { ProbeFindings(seen) }
    var advice: ProbeAdvice {
        ProbeAdvice(findings, heldSeconds: seen.heldSeconds, failure: seen.failure, tlsFailure: seen.tlsFailure)
    }
    package var settings: [ClientSetting] { ClientSetting.all(advice, isTLS: url.isTLS) }

    package init(
        method: String, name: String, url: TargetURL, tlsWeakness: TLSWeakness = TLSWeakness(), requestBound: Int,
        seen: ProbeObservations
    ) {
        self.method = method
        self.name = name
        self.url = url
        self.tlsWeakness = tlsWeakness
        self.requestBound = requestBound
        self.seen = seen
    }
}
