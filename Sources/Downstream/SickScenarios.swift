/// A downstream that fails in one way and in no other, what a person should know of it, and what its client needs for the
/// failure to show.
package struct SickDownstream: Sendable, Hashable {
    package let scenario: Scenario
    /// One sentence.
    package let summary: String
    /// How the client has to be set up; nil: nothing beyond the two rules of `catalogue`.
    package let client: String?

    package var name: String { scenario.name }

    private init(
        _ name: String, _ summary: String, client: String? = nil, _ change: (inout Scenario) -> Void
    ) {
        scenario = Scenario(name: name, change)
        self.summary = summary
        self.client = client
    }
}

extension SickDownstream {
    /// Every ailment once. Names are a contract. A client asks the fleet's DNS server, and it verifies certificates by the
    /// demo authority.
    package static let catalogue = answers + connecting + certificates + names + habits

    package static func named(_ name: String) -> SickDownstream? { catalogue.first { $0.name == name } }

    private static let answers = [
        SickDownstream("unavailable", "Answers every request with a complete 503.") { $0.unavailableRate = 1 },
        SickDownstream("rejecting", "Answers three of four requests with 401 and one of four with 429.") {
            $0.statusRates = [.init(status: 401, rate: 0.75), .init(status: 429, rate: 0.25)]
        },
        SickDownstream(
            "hanging", "Reads requests and never answers; the connection stays open.",
            client: "a limit on the time of a request, or its requests never end"
        ) { $0.hangRate = 1 },
        SickDownstream("slow", "Answers after 1 s, one of twenty after more than 2 s.") {
            $0.latency = .logNormal(p50Seconds: 1, p95Seconds: 2)
        },
        SickDownstream(
            "hangs-after-head", "Sends the head of a response at once and never a byte of the body.",
            client: "a limit on the time of a request, or its requests never end"
        ) {
            $0.hangRate = 1
            $0.hangsAfterHead = true
        },
    ]

    private static let connecting = [
        SickDownstream("resetting", "Resets the connection in place of every answer.") {
            $0.resetRate = 1
            $0.resetsBeforeHead = true
        },
        SickDownstream("refusing", "Refuses connections: nothing listens on its port.") {
            $0.refusingAddresses = $0.addresses
        },
        SickDownstream(
            "blackhole", "Answers no SYN: connecting takes until the client gives up.",
            client: "a limit on the time of connecting; the system's own is two minutes"
        ) { $0.silentAddresses = $0.addresses },
    ]

    private static let certificates = [
        SickDownstream("self-signed", "Shows a certificate that it signed itself.") {
            $0.scheme = .https
            $0.certificate = .selfSigned
        },
        SickDownstream("wrong-name", "Shows a trusted certificate, but for elsewhere.pooltop.test.") {
            $0.scheme = .https
            $0.certificate = .otherName
        },
        SickDownstream("expired", "Shows a trusted certificate that expired on 1 January 2021.") {
            $0.scheme = .https
            $0.certificate = .expired
        },
        SickDownstream("plain-port", "Is asked over TLS and speaks plain HTTP.") {
            $0.scheme = .https
            $0.certificate = .absent
        },
    ]

    private static let names = [
        SickDownstream("no-such-name", "Has a name that DNS does not know: NXDOMAIN.") { $0.nameAnswers = .nameError },
        SickDownstream(
            "dns-timeout", "Has a name that DNS never answers for.",
            client: "a limit on the time of a lookup"
        ) { $0.nameAnswers = .silence },
        SickDownstream("dns-servfail", "Has a name that DNS answers with SERVFAIL.") {
            $0.nameAnswers = .serverFailure
        },
        SickDownstream(
            "dns-outage", "Has a name that DNS answers for 1 s, with a TTL of 1 s, and then no more.",
            client: "a DNS cache that serves stale answers, or it is one more name that is not answered"
        ) {
            $0.nameAnswers = .outage(afterSeconds: 1)
            $0.ttlSeconds = 1
            // A client that keeps its connection never looks the name up again.
            $0.requestsPerConnection = 10
        },
    ]

    private static let habits = [
        SickDownstream("dribbling", "Sends the head of a response at once and 20 bytes of its 320 every 0.1 s.") {
            $0.bodyBytes = 320
            $0.dribble = .init(bytes: 20, everySeconds: 0.1)
        },
        SickDownstream(
            "closes-idle", "Closes a connection that was idle for 0.1 s, without a word.",
            client: "about five requests a second, so that connections are idle for longer than that"
        ) { $0.idleLimitSeconds = 0.1 },
        SickDownstream("forbids-reuse", "Says Connection: close on every response.") { $0.alwaysCloses = true },
        SickDownstream("pushes-answers", "Sends a second response, which nobody asked for, after each.") {
            $0.unsolicitedRate = 1
        },
        SickDownstream("one-dead-address", "Has three addresses, one of which refuses connections.") {
            $0.addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
            $0.refusingAddresses = ["127.0.0.3"]
            $0.ttlSeconds = 5
            // A client that keeps its connection never dials the dead address.
            $0.requestsPerConnection = 10
        },
    ]
}

extension [Scenario] {
    /// The catalogue of `SickDownstream`, to be served as a fleet.
    package static let sick = SickDownstream.catalogue.map(\.scenario)
}

extension Scenario {
    /// The one of that name in the catalogue of `SickDownstream`.
    package static func sick(_ name: String) throws(ScenarioError) -> Scenario {
        guard let sick = SickDownstream.named(name) else { throw .unknownName(name) }
        return sick.scenario
    }
}
