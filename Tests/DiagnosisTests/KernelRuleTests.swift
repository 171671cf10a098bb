import PoolModel
import Testing

@testable import Diagnosis

/// A watched process: what its connections tell of its pool.
@Suite("Rules for a watched process") struct KernelRuleTests {
    private static func watched(_ change: (inout Ailment) -> Void) -> Ailment {
        var ailment = Ailment("payments")
        ailment.host.certainty = .watched
        ailment.host.kernel = KernelFigures()
        change(&ailment)
        return ailment
    }

    private func main(_ change: (inout Ailment) -> Void) throws -> Diagnosis {
        try #require(Self.watched(change).findings.main)
    }

    @Test("A process that closes each connection has keep-alive off, and so many would carry its load")
    func keepAliveOff() throws {
        let main = try main {
            $0.answer([200: 3330], reused: 30)
            $0.close(.closedByProcess, 3300)
            $0.host.kernel?.connectionAgeSeconds = 0.012
        }
        #expect(main.label == "keepAliveOff" && main.level == .warn && main.certainty == .estimate)
        #expect(main.shortText == "~keep-alive off")
        #expect(main.headline == "payments: each request has a connection of its own: the process closes it")
        #expect(main.advice.contains("(330 new/s)") && main.advice.contains("keep one client, with keep-alive on"))
        #expect(main.advice.contains("about 5 connections would carry this load (333/s of 12 ms)"))
        #expect(main.advice.hasSuffix("(by an estimate)"))
    }

    @Test("A server that closes with its answer forbids keep-alive")
    func serverForbids() throws {
        for idle in [nil, 0.0004] {
            let main = try main {
                $0.answer([200: 1000], reused: 0)
                $0.close(.peerClosedIdle, 1000)
                $0.host.kernel?.idleAgeAtDeathSeconds = idle
                $0.host.kernel?.deaths = idle == nil ? 0 : 1000
            }
            #expect(main.label == (idle == nil ? "serverClosesIdle" : "serverSaysClose"), "\(main.label)")
            if idle != nil { #expect(main.advice.contains("it forbids HTTP keep-alive; only its owner")) }
        }
    }

    @Test("A process that keeps connections for long has an idle limit, and not keep-alive off")
    func processIdleLimit() throws {
        let main = try main {
            $0.answer([200: 100], reused: 0)
            $0.close(.closedByProcess, 100)
            $0.host.kernel?.connectionAgeSeconds = 5
        }
        #expect(main.label == "processIdleLimit" && main.advice.contains("at an age of 5.0 s: its idle limit"))
        #expect(!main.advice.contains("would carry"))
    }

    @Test("Where the closing side is not known nobody is blamed")
    func unknownCloser() throws {
        let main = try main {
            $0.answer([200: 100], reused: 0)
            $0.close(.closerUnknown, 100)
        }
        #expect(main.label == "lowReuse" && main.advice.contains("which side closes it is not known"))
    }

    @Test("The server's idle limit is the age at which its closes were seen")
    func idleLimit() throws {
        let main = try main {
            $0.answer([200: 200], reused: 195)
            $0.close(.peerClosedIdle, 5)
            $0.host.kernel?.idleAgeAtDeathSeconds = 5
            $0.host.kernel?.deaths = 5
        }
        #expect(main.label == "serverClosesIdle" && main.shortText == "~closes idle at 5.0 s")
        #expect(main.advice.contains("at 5.0 s idle: give them up before that"))
    }

    @Test(
        "Connections in TIME_WAIT are held against the ports of each address",
        arguments: [(20_000, 1, true), (20_000, 2, false)])
    func timeWait(held: Int, addresses: Int, isSaid: Bool) throws {
        let ailment = Self.watched {
            $0.host.kernel?.timeWait = held
            $0.host.addresses = (0..<addresses).map {
                AddressSnapshot(
                    address: "10.0.0.\($0):80", connectionsOpened: 1, open: 1, exchanges: 1, isInDNS: true,
                    isSuspect: false)
            }
        }
        let found = ailment.findings.all.first { $0.label == "timeWait" }
        #expect((found != nil) == isSaid)
        if let found {
            #expect(found.certainty == .exact)
            #expect(found.headline == "payments: 20,000 connections in TIME_WAIT hold 70.8% of the local ports")
        }
    }

    @Test("Closes of our own estimate ports only where the kernel was not asked")
    func estimatedPorts() {
        let ailment = Self.watched {
            $0.answer([200: 10_000], reused: 0)
            $0.close(.closedByProcess, 10_000)
            $0.host.kernel?.timeWait = 10
        }
        #expect(!ailment.findings.all.contains { $0.label == "timeWait" })
    }

    @Test("Segments that are sent again are counted for each request, and few are no news")
    func retransmits() {
        let label = { (count: Int) in
            Self.watched { $0.host.kernel?.retransmits = count }.findings.all.first { $0.label == "retransmits" }
        }
        #expect(label(19) == nil)
        #expect(label(30)?.level == .warn)
        #expect(label(30)?.headline == "payments: 30 segments sent again, 15.0 in a hundred requests")
    }

    @Test("An address that is far from the others is named")
    func farAddress() throws {
        let socket = { (id: Int, peer: String, seconds: Double?) in
            SocketSnapshot(
                id: id, state: .idle, ageSeconds: 1, idleSeconds: 1, exchanges: 1, localPort: nil, peer: peer,
                method: nil, exchangeSeconds: nil, expiresInSeconds: nil, expiresBy: nil, roundTripSeconds: seconds)
        }
        let ailment = Self.watched {
            $0.host.sockets = [
                socket(1, "10.0.0.1:80", 0.0005), socket(2, "10.0.0.2:80", 0.0004), socket(3, "10.0.1.3:80", 0.09),
                socket(4, "10.0.1.3:80", 0.07), socket(5, "10.0.1.4:80", nil),
            ]
        }
        let found = try #require(ailment.findings.all.first { $0.label == "farAddress" })
        #expect(found.headline == "payments: round trips to 10.0.1.3:80 take 80 ms, to others 0.50 ms")
        #expect(
            !Self.watched { $0.host.sockets = [socket(1, "10.0.0.1:80", 1)] }.findings.all.contains {
                $0.label == "farAddress"
            })
    }

    @Test("Lookups are counted for each new connection of a watched process")
    func lookups() {
        func found(_ lookups: Double, _ opened: Double?, certainty: Certainties = .watched) -> [Diagnosis] {
            ProcessEvidence(
                process: ProcessSnapshot(), queriesPerSecond: lookups, requestsPerSecond: 300, dnsCacheIsOn: nil,
                certainty: certainty, watchedConnectionsPerSecond: opened
            ).findings()
        }
        #expect(found(660, 330).map(\.label) == ["dnsPerConnection"])
        #expect(found(660, 330).first?.advice.hasPrefix("2.0 DNS lookups for each new connection, 660/s") == true)
        #expect(found(10, 330).isEmpty && found(5, 0.5).isEmpty)
        #expect(found(660, nil).map(\.label) == ["dnsPerRequest"])
        var unknown = Certainties.watched
        unknown[.dns] = .unknown
        #expect(found(660, 330, certainty: unknown).isEmpty)
    }

    @Test("Nothing is concluded from requests that cannot be counted")
    func notCountable() {
        let ailment = Self.watched {
            $0.answer([200: 1000], reused: 0)
            $0.close(.closedByProcess, 1000)
            for group in [FigureGroup.requests, .reuse] { $0.host.certainty[group] = .unknown }
        }
        #expect(ailment.findings.all.isEmpty)
    }

    @Test("The short form fits into 24 columns, whatever the figures", arguments: [0.001, 7, 9_000, 1e9])
    func shortForms(scale: Double) {
        let causes: [Cause] = [
            .timeWait(held: Int(scale * 30_000), addresses: 1),
            .retransmits(count: 30, per: scale, ofConnections: true),
            .farAddress("[2001:db8::1]:443", seconds: scale, usualSeconds: 0.1),
            .lookupsPerConnection(perConnection: scale, perSecond: scale),
        ]
        let closers: [OneRequestEach.Closer] = [.process, .server, .unknown]
        let each = closers.map {
            Cause.oneRequestEach(
                OneRequestEach(
                    reuse: Reuse(share: 0), closer: $0, requestsPerSecond: scale, lifeSeconds: scale, enough: 3))
        }
        for cause in causes + each {
            let diagnosis = Diagnosis(hostID: 0, host: "a", level: .warn, cause: cause, certainty: .estimate)
            #expect(diagnosis.shortText.count <= 24 && !diagnosis.advice.isEmpty && !diagnosis.headline.isEmpty)
        }
    }
}
