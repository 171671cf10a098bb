import Diagnosis
import Downstream
import Testing

/// The diagnosis that a sick downstream has to get, and where a person reads it. The texts are parts of those on the screen:
/// wording may change, the facts in it may not.
struct SickExpectation: Sendable, CustomTestStringConvertible {
    /// `SickDownstream.name`.
    let name: String
    let level: Level
    /// `Diagnosis.label`.
    let label: String
    /// Another diagnosis that is right at first.
    var firstLabel: String?
    /// For so many seconds after the first request it is well.
    var wellSeconds = 0.0
    /// Its row of the table has this; nil: the row has only its figures.
    var row: String?
    /// The headline of all figures has this.
    let headline: String
    /// The diagnosis has this as one line.
    let says: String
    /// Its event has this; nil: the same as the diagnosis.
    var event: String?
    /// The advice has this: the remedy.
    let remedy: String

    var testDescription: String { name }

    private static func bad(
        _ name: String, _ label: String, row: String, headline: String = "1 of 1 failing", says: String, remedy: String
    ) -> SickExpectation {
        SickExpectation(
            name: name, level: .bad, label: label, row: row, headline: headline, says: says, remedy: remedy)
    }

    private static func warn(
        _ name: String, _ label: String, headline: String, says: String, event: String? = nil, remedy: String
    ) -> SickExpectation {
        SickExpectation(
            name: name, level: .warn, label: label, headline: headline, says: says, event: event, remedy: remedy)
    }

    /// In the order of `SickDownstream.catalogue`.
    static let all = answers + connecting + certificates + names + habits

    private static let answers = [
        bad(
            "unavailable", "status5xx", row: "! 503 100%", headline: "err 5xx 100%",
            says: "answers 503 Service Unavailable", remedy: "overloaded"),
        bad(
            "rejecting", "status4xx", row: "! 401", headline: "err 4xx 100%", says: "answers 4xx (401",
            remedy: "Authorization"),
        bad(
            "hanging", "noResponse", row: "! no response", headline: "answered 0/s", says: "no response for",
            remedy: "look at the server"),
        warn("slow", "slow", headline: "answered 1", says: "answers take", remedy: "the time is the server's"),
        bad(
            "hangs-after-head", "bodyStalls", row: "! body stalls", headline: "answered 0/s", says: "a body stalls for",
            remedy: "begun to answer"),
    ]

    private static let connecting = [
        bad(
            "resetting", "peerReset", row: "! server reset 100%", says: "server reset the connection (×",
            remedy: "look at its log"),
        bad("refusing", "connectRefused", row: "! refused", says: "connection refused", remedy: "start the server"),
        bad(
            "blackhole", "connectUnanswered", row: "! no connect", says: "no answer to connection attempts",
            remedy: "firewall"),
    ]

    private static let certificates = [
        bad(
            "self-signed", "tlsSelfSigned", row: "! self-signed", says: "certificate is self-signed",
            remedy: "--ca-file"),
        bad(
            "wrong-name", "tlsWrongName", row: "! wrong name", says: "certificate is for another name",
            remedy: "--resolve"),
        bad("expired", "tlsExpired", row: "! cert expired", says: "certificate has expired", remedy: "renew it"),
        bad("plain-port", "tlsNotTLS", row: "! not TLS", says: "does not speak TLS on this port", remedy: "http://"),
    ]

    private static let names = [
        bad(
            "no-such-name", "noSuchName", row: "! no such name", says: "no such name (no-such-name.pooltop.test)",
            remedy: "check the name"),
        bad(
            "dns-timeout", "dnsServerSilent", row: "! DNS silent", says: "DNS server does not answer",
            remedy: "port 53"),
        bad(
            "dns-servfail", "dnsServerFails", row: "! DNS failure", says: "DNS server answers with a failure",
            remedy: "SERVFAIL"),
        // Its record expires 1 s after the last answer, and the connection of then has up to 10 requests to carry.
        SickExpectation(
            name: "dns-outage", level: .warn, label: "staleDNS", firstLabel: "dnsServerSilent", wellSeconds: 2.5,
            headline: "err 0", says: "DNS server does not answer for", event: "stale answers are served",
            remedy: "dnsStale"),
    ]

    private static let habits = [
        warn("dribbling", "bodyDribbles", headline: "answered", says: "bodies take 1", remedy: "dribbles"),
        warn(
            "closes-idle", "serverClosesIdle", headline: "reuse 0", says: "server closed idle connections",
            event: "closed a connection that was idle for 0.1 s", remedy: "before the next request came"),
        warn(
            "forbids-reuse", "serverSaysClose", headline: "reuse 0%", says: "the server sends Connection: close",
            event: "sends Connection: close", remedy: "only its owner"),
        bad(
            "pushes-answers", "strayAnswers", row: "! stray answers ×", says: "bytes that no request asked for",
            remedy: "one user's answer to another"),
        warn(
            "one-dead-address", "addressDead", headline: "err 0", says: "1 of 3 addresses dead (127.0.0.3:",
            remedy: "out of DNS"),
    ]
}
