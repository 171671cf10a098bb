import PoolModel
import Testing

@testable import Diagnosis

/// One row of the catalogue of sick hosts: how the figures are, and what has to be said of them.
struct SickHost: Sendable, CustomTestStringConvertible {
    var name: String
    var level: Level
    var label: String
    var short: String
    var headline: String
    /// Words that the advice has to have: the remedy.
    var remedy: String
    var ail: @Sendable (inout Ailment) -> Void

    var testDescription: String { name }

    var ailment: Ailment {
        var ailment = Ailment(name)
        ail(&ailment)
        return ailment
    }
}

let sickHosts: [SickHost] = answerless + untrusted + nameless + oddities

/// Hosts that are reached and do not serve, or that cannot be reached.
private let answerless: [SickHost] = [
    SickHost(
        name: "unavailable", level: .bad, label: "status5xx", short: "503 100%",
        headline: "unavailable: answers 503 Service Unavailable (×200, 100%)", remedy: "overloaded"
    ) { $0.answer([503: 200]) },
    SickHost(
        name: "rejecting", level: .bad, label: "status4xx", short: "401 75.0%",
        headline: "rejecting: answers 4xx (401 ×150, 429 ×50, 100%)", remedy: "Authorization"
    ) { $0.answer([401: 150, 429: 50]) },
    SickHost(
        name: "hanging", level: .bad, label: "noResponse", short: "no response 12 s",
        headline: "hanging: no response for 12 s, 64 requests in flight, 136 wait", remedy: "look at the server"
    ) {
        $0.answer(0)
        $0.gained.requests.started = 200
        $0.open(active: 64, queued: 136)
        $0.host.oldestWaitSeconds = 9
        $0.host.silentSeconds = 12
        $0.hang(64, seconds: 12)
    },
    SickHost(
        name: "slow", level: .warn, label: "slow", short: "slow 1.1 s", headline: "slow: answers take 1.1 s",
        remedy: "the time is the server's"
    ) {
        $0.service = 1.1
        $0.firstByte = 1.1
        $0.open(active: 22)
    },
    SickHost(
        name: "hangs-after-head", level: .bad, label: "bodyStalls", short: "body stalls 3.1 s",
        headline: "hangs-after-head: a body stalls for 3.1 s, 62 requests in flight", remedy: "begun to answer"
    ) {
        $0.answer(0)
        $0.gained.requests.started = 62
        $0.open(active: 62)
        $0.host.bodySilentSeconds = 3.1
        $0.hang(62, seconds: 3, inBody: 62)
    },
    SickHost(
        name: "resetting", level: .bad, label: "peerReset", short: "server reset 100%",
        headline: "resetting: server reset the connection (×200)", remedy: "crashes or cuts connections off"
    ) {
        $0.fail([.peerReset: 200])
        $0.close(.peerReset, 200)
        $0.open()
    },
    SickHost(
        name: "refusing", level: .bad, label: "connectRefused", short: "refused",
        headline: "refusing: connection refused (127.0.0.1:8080)", remedy: "start the server"
    ) { $0.cannotDial(.connectRefused) },
    SickHost(
        name: "blackhole", level: .bad, label: "connectUnanswered", short: "no connect 2.4 s",
        headline: "blackhole: no answer to connection attempts for 2.4 s", remedy: "firewall"
    ) {
        $0.answer(0)
        $0.gained.requests.started = 48
        $0.open(queued: 48, connecting: 8)
        $0.host.oldestWaitSeconds = 2.4
        $0.host.oldestDial = DialProgress(state: .connecting, seconds: 2.4)
    },
    SickHost(
        name: "blackhole", level: .bad, label: "connectTimeout", short: "dial timeout",
        headline: "blackhole: no answer to connection attempts (127.0.0.1:8080)", remedy: "firewall"
    ) { $0.cannotDial(.connectTimeout) },
    SickHost(
        name: "blackhole", level: .bad, label: "connectUnanswered", short: "no connect 10 s",
        headline: "blackhole: no answer to connection attempts for 10 s", remedy: "firewall"
    ) { $0.giveUpDials(attempts: 8) },
]

/// TLS, each with the option that helps.
private let untrusted: [SickHost] = [
    SickHost(
        name: "self-signed", level: .bad, label: "tlsSelfSigned", short: "self-signed",
        headline: "self-signed: certificate is self-signed", remedy: "--ca-file"
    ) { $0.cannotDial(.tlsCertificateInvalid, .selfSigned) },
    SickHost(
        name: "wrong-name", level: .bad, label: "tlsWrongName", short: "wrong name",
        headline: "wrong-name: certificate is for another name", remedy: "--resolve"
    ) { $0.cannotDial(.tlsCertificateInvalid, .wrongName) },
    SickHost(
        name: "expired", level: .bad, label: "tlsExpired", short: "cert expired",
        headline: "expired: certificate has expired", remedy: "--insecure"
    ) { $0.cannotDial(.tlsCertificateInvalid, .expired) },
    SickHost(
        name: "plain-port", level: .bad, label: "tlsNotTLS", short: "not TLS",
        headline: "plain-port: server does not speak TLS on this port", remedy: "http://"
    ) { $0.cannotDial(.tlsHandshakeFailed, .notTLS) },
    SickHost(
        name: "socket", level: .bad, label: "unixSocketMissing", short: "no such file",
        headline: "socket: no such file (/run/app.sock)", remedy: "check the path"
    ) {
        $0.cannotDial(.unixSocketMissing)
        $0.host.addresses[0].address = "/run/app.sock"
    },
]

/// DNS.
private let nameless: [SickHost] = [
    SickHost(
        name: "no-such-name", level: .bad, label: "noSuchName", short: "no such name",
        headline: "no-such-name: no such name (no-such-name.pooltop.test)", remedy: "corp.example"
    ) {
        $0.cannotDial(.dnsNotFound)
        $0.host.nameFailure = NameFailure(
            name: "no-such-name.pooltop.test", cause: .dnsNotFound, sinceSeconds: 10,
            tried: ["no-such-name.pooltop.test", "no-such-name.pooltop.test.corp.example"])
    },
    SickHost(
        name: "dns-timeout", level: .bad, label: "dnsServerSilent", short: "DNS silent 2.2 s",
        headline: "dns-timeout: DNS server does not answer (dns-timeout.pooltop.test, 2.2 s)", remedy: "port 53"
    ) {
        $0.answer(0)
        $0.gained.requests.started = 44
        $0.open(queued: 44, connecting: 8)
        $0.host.oldestDial = DialProgress(state: .resolving, seconds: 2.2)
        $0.host.nameFailure = NameFailure(name: "dns-timeout.pooltop.test", cause: .dnsTimeout, sinceSeconds: 2.2)
    },
    SickHost(
        name: "dns-timeout", level: .bad, label: "dnsServerSilent", short: "DNS silent 10 s",
        headline: "dns-timeout: DNS server does not answer (10 s)", remedy: "port 53"
    ) { $0.giveUpDials(attempts: 0) },
    SickHost(
        name: "dns-servfail", level: .bad, label: "dnsServerFails", short: "DNS failure",
        headline: "dns-servfail: DNS server answers with a failure (dns-servfail.pooltop.test, 7.0 s)",
        remedy: "SERVFAIL"
    ) {
        $0.cannotDial(.dnsFailure)
        $0.host.nameFailure = NameFailure(name: "dns-servfail.pooltop.test", cause: .dnsFailure, sinceSeconds: 7)
    },
    SickHost(
        name: "dns-outage", level: .warn, label: "staleDNS", short: "stale DNS 11 s",
        headline: "dns-outage: DNS server does not answer for 11 s: stale answers are served", remedy: "dnsStale"
    ) {
        $0.host.nameFailure = NameFailure(
            name: "dns-outage.pooltop.test", cause: .dnsTimeout, sinceSeconds: 11, staleHits: 4,
            servers: ["127.0.0.1:5300"])
    },
]

/// Hosts that serve, in ways that cost or threaten.
private let oddities: [SickHost] = [
    SickHost(
        name: "dribbling", level: .warn, label: "bodyDribbles", short: "slow bodies 1.6 s",
        headline: "dribbling: bodies take 1.6 s to arrive, first byte after 1.2 ms", remedy: "dribbles"
    ) {
        $0.service = 1.6
        $0.firstByte = 0.0012
        $0.open(active: 32)
    },
    SickHost(
        name: "closes-idle", level: .warn, label: "serverClosesFirst", short: "closes idle at 100 ms",
        headline: "closes-idle: server closed idle connections at 100 ms (×48)", remedy: "idleTimeout"
    ) {
        $0.answer([200: 50], reused: 2)
        $0.close(.peerClosedIdle, 48)
        $0.host.learnedIdleSeconds = 0.1
    },
    SickHost(
        name: "forbids-reuse", level: .warn, label: "serverSaysClose", short: "0% reuse",
        headline: "forbids-reuse: only 0% reuse: the server sends Connection: close", remedy: "only its owner"
    ) {
        $0.answer([200: 200], reused: 0)
        $0.close(.closeHeaderReceived, 200)
    },
    SickHost(
        name: "pushes-answers", level: .bad, label: "strayAnswers", short: "stray answers ×200",
        headline: "pushes-answers: server sent bytes that no request asked for (×200)",
        remedy: "one user's answer to another"
    ) {
        $0.answer([200: 200], reused: 0)
        $0.close(.unsolicitedBytes, 200)
    },
    SickHost(
        name: "one-dead-address", level: .warn, label: "addressDead", short: "1 of 3 addresses dead",
        headline: "one-dead-address: 1 of 3 addresses dead (127.0.0.3:8080)", remedy: "take it out of DNS"
    ) {
        $0.answer([200: 200], reused: 178)
        $0.close(.closeHeaderReceived, 20)
        let first = $0.host.addresses[0]
        for number in 2...3 {
            var address = first
            address.address = "127.0.0.\(number):8080"
            address.isSuspect = number == 3
            if number == 3 { address.exchanges = 0 }
            $0.host.addresses.append(address)
        }
    },
]
