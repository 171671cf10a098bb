import Testing

@testable import Dashboard
@testable import PoolModel

/// Each rule fires on its own story and not on a host that is well.
@Suite struct AdviceTests {
    private func input(
        _ change: (inout HostSnapshot, inout RecentFigures) -> Void = { _, _ in }
    ) -> RuleInput {
        let picture = Told.at90.model.live
        var host = Story.host(id: 0, name: "catalog")
        host.keepAlive = true
        var window = RecentFigures()
        window.requestsPerSecond = .exact(100)
        window.exchanges = .exact(1000)
        window.reuse = .exact(0.93)
        window.meanService = .exact(0.01)
        change(&host, &window)
        return RuleInput(host: ShownHost(host), window: window, picture: picture)
    }

    @Test("A healthy host gets no advice")
    func aHostThatIsWellNeedsNoAdvice() {
        let well = input()
        for (index, rule) in hostRules.enumerated() { #expect(rule.advice(well) == nil, "rule \(index)") }
    }

    @Test("A failing host gets advice")
    func failingHost() {
        let advice = failing(
            input {
                $0.lastConnectFailure = .connectRefused
                $0.backoffSeconds = 1.6
                $1.failed = .exact(250)
            })
        #expect(advice?.level == .bad && advice?.rule == "connectRefused")
        #expect(advice?.text == "250 requests failed in 10 s: every address refuses the connection; next dial in 1.6 s")
        #expect(
            failing(
                input {
                    $1.failedShare = .exact(1); $1.dominantFailure = .requestTimeout
                }) != nil)
    }

    @Test("Advice on low reuse names the reason", arguments: CloseReason.allCases) func lowReuseNamesTheReason(
        _ reason: CloseReason
    ) {
        let advice = lowReuse(
            input {
                $1.reuse = .exact(0.2); $1.dominantClose = .exact(reason); $1.openedPerSecond = .exact(80)
            })
        #expect(advice?.text.hasPrefix("20.0% reuse, 80 new connections/s: ") == true)
    }

    @Test("Low reuse with keep-alive off advises switching it on")
    func lowReuseWithKeepAliveOff() {
        let advice = lowReuse(
            input {
                $0.keepAlive = false; $1.reuse = .exact(0); $1.openedPerSecond = .exact(333)
            })
        #expect(advice?.rule == "keep-alive off")
        #expect(
            lowReuse(
                input {
                    $1.reuse = .exact(0); $1.exchanges = .exact(3)
                }) == nil, "too few to judge")
    }

    @Test("High reuse is confirmed")
    func highReuseIsPraised() {
        #expect(goodReuse(input { $1.reuse = .exact(0.99) })?.level == .good)
    }

    @Test("Advice says when the server closes connections before us")
    func serverClosesBeforeUs() {
        let closes: (inout HostSnapshot) -> Void = {
            $0.metrics.connections.closedByReason.add(21, to: .peerClosedIdle)
            $0.idleLimitSeconds = 60
        }
        #expect(serverClosesFirst(input { host, _ in closes(&host) })?.level == .info)
        let known = serverClosesFirst(
            input { host, _ in
                closes(&host); host.learnedIdleSeconds = 12
            })
        #expect(known?.text == "the server dropped 21 idle connections at 12 s, our limit is 60 s: set it below 12 s")
        let adapted = serverClosesFirst(
            input { host, _ in
                closes(&host); host.learnedIdleSeconds = 12; host.idleLimitSeconds = 11
            })
        #expect(adapted?.level == .info)
    }

    @Test("Advice on waiting says whether the pool or the server is the limit")
    func waitingSaysPoolOrServer() {
        let full: (inout HostSnapshot) -> Void = {
            $0.metrics.requests.queued = 12
            $0.oldestWaitSeconds = 0.4
            $0.metrics.connections.active = 64
        }
        #expect(waiting(input { host, _ in full(&host) })?.rule == "pool too small")
        #expect(
            waiting(
                input { host, window in
                    full(&host); window.meanService = .exact(2)
                })?.rule == "slow server")
        #expect(
            waiting(
                input { host, _ in
                    full(&host); host.metrics.connections.active = 3
                })?.rule == "waiting")
    }

    @Test("An oversized pool is reported with the size that Little's law gives")
    func littlesLaw() {
        let advice = tooManySockets(input { host, _ in host.metrics.connections.idle = 30 })
        #expect(advice?.text.contains("30 open for 100 req/s at 10 ms: about 3 are enough") == true)
    }

    @Test("Advice reports problems with addresses")
    func addresses() {
        let address = { (exchanges: Int, isInDNS: Bool) in
            AddressSnapshot(
                address: "10.0.0.1:80", connectionsOpened: 1, open: 2, exchanges: exchanges, isInDNS: isInDNS,
                isSuspect: false)
        }
        #expect(addressGone(input { host, _ in host.addresses = [address(9, false)] })?.rule == "address gone")
        #expect(unevenLoad(input { host, _ in host.addresses = [address(900, true), address(100, true)] }) != nil)
        #expect(unevenLoad(input { host, _ in host.addresses = [address(500, true), address(510, true)] }) == nil)
    }

    @Test("An unsolicited response is reported in red from the first one on", arguments: [1, 2, 3507])
    func unasked(count: Int) {
        let advice = strayBytes(
            input { host, _ in host.metrics.connections.closedByReason.add(count, to: .unsolicitedBytes) })
        #expect(advice?.level == .bad)
        #expect(advice?.text.hasPrefix("this server sends answers that nobody asked for: ") == true)
    }

    @Test("Signs of trouble are reported")
    func badSigns() {
        #expect(
            strayBytes(input { host, _ in host.metrics.connections.closedByReason.add(1, to: .unsolicitedBytes) })?
                .level == .bad)
        #expect(bodyUnread(input { host, _ in host.oldestActiveSeconds = 34 })?.rule == "long exchange")
        #expect(ports(input { $1.closedLocalPerSecond = .exact(300) })?.level == .warn)
        #expect(ports(input { $1.closedLocalPerSecond = .exact(3000) })?.level == .bad)
        #expect(ports(input { $1.closedLocalPerSecond = .exact(100) }) == nil)
    }

    @Test("Dials without requests are reported")
    func dialsWithoutARequest() {
        #expect(
            dialsUnused(
                input { host, _ in
                    host.metrics.connections.opened = 200
                    host.metrics.requests.onNewConnection = 150
                })?.rule == "unused dials")
    }

    /// The same from a server that is known to end idle connections after two seconds is its limit, no drain.
    @Test("A mass close is reported", arguments: [nil, 2.0]) func massCloseIsSeen(learned: Double?) {
        var (model, story) = Told.at90
        story.hosts[1].learnedIdleSeconds = learned
        story.hosts[1].metrics.connections.closedByReason.add(40, to: .peerClosedIdle)
        story.hosts[1].metrics.connections.closed += 40
        story.hosts[1].metrics.connections.idle = 0
        story.uptime += 1
        story.give(to: &model)
        let host = model.live.host(1)
        #expect(host.map { model.live.advice(for: $0).contains { $0.rule == "peer drain" } } == (learned == nil))
    }

    @Test("Rules about the process are reported")
    func processRules() {
        var (model, story) = Story.played(until: 30)
        #expect(lookupsPerRequest(model.live)?.text.hasPrefix("2.0 DNS queries a request") == true)
        #expect(descriptors(model.live) == nil)
        var snapshot = story.snapshot(socketsOf: nil)
        snapshot.process.openDescriptors = 900
        snapshot.uptimeSeconds += 1
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        #expect(descriptors(model.live)?.level == .bad)
        story.step()
    }
}
