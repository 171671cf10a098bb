import PoolModel
package import SessionConfig

/// One probe with its request, observations and advice: the input of every form of report.
package struct ProbeResult: Sendable {
    /// The request method: `GET`, `HEAD`, `OPTIONS`.
    package var method: String
    /// The name of a bundled downstream, otherwise the authority.
    package var name: String
    package var url: TargetURL
    package var tlsWeakness = TLSWeakness()
    /// The maximum number of requests in a run; zero if there is no run.
    package var requestBound: Int
    package var seen: ProbeObservations

    package var findings: ProbeFindings { ProbeFindings(seen) }
    var advice: ProbeAdvice {
        ProbeAdvice(
            findings, heldSeconds: seen.heldSeconds, failure: seen.failure, tlsFailure: seen.tlsFailure,
            wasInterrupted: seen.wasInterrupted)
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
