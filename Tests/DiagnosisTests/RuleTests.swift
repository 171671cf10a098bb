import PoolModel
import Testing

@testable import Diagnosis

/// Rules of the pool and of reuse, each on its own story.
@Suite("Rules") struct RuleTests {
    private func found(_ label: String, _ change: (inout Ailment) -> Void) -> Diagnosis? {
        var ailment = Ailment("shop")
        change(&ailment)
        return ailment.findings.all.first { $0.label == label }
    }

    @Test("Low reuse names each reason for closes", arguments: CloseReason.allCases)
    func lowReuse(_ reason: CloseReason) throws {
        var ailment = Ailment("shop")
        ailment.answer([200: 1000], reused: 200)
        ailment.close(reason, 800)
        let low = try #require(
            ailment.findings.all.first {
                switch $0.cause {
                case .lowReuse, .closesIdle, .strayAnswers: true
                default: false
                }
            })
        #expect(low.level != .good && !low.advice.contains("reason"))
        if case .lowReuse = low.cause { #expect(low.advice.hasPrefix("20.0% reuse, 80 new connections/s: ")) }
    }

    @Test("Reuse is judged by twenty exchanges and more, and said to be off where it is")
    func keepAliveOff() {
        #expect(
            found("keepAliveOff") {
                $0.host.keepAlive = false
                $0.answer([200: 100], reused: 0)
            }?.shortText == "keep-alive off")
        #expect(
            found("keepAliveOff") {
                $0.host.keepAlive = false; $0.answer([200: 3], reused: 0)
            } == nil)
        #expect(
            found("keepAliveWasOff") {
                $0.answer([200: 100], reused: 0); $0.close(.closeHeaderSent, 100)
            }?.advice
                .hasSuffix("still counting the seconds before K") == true)
    }

    @Test("The remedy for connections that leave the pool is the limit that made them leave")
    func limitsOfThePool() {
        func advice(_ reason: CloseReason) -> String {
            found("idleCap") {
                $0.answer([200: 1000], reused: 200)
                $0.close(reason, 800)
            }?.advice ?? ""
        }
        #expect(advice(.idleLimitHost).contains("raise maxFreeSockets"))
        #expect(advice(.evictedForOtherHost).hasSuffix("raise maxTotalSockets"))
        #expect(!advice(.evictedForOtherHost).contains("maxFreeSockets"))
        #expect(advice(.idleLimitTotal).contains("raise maxFreeSocketsTotal"))
    }

    @Test("Streams that pause between events are silent after twice their longest pause", arguments: [29.0, 31])
    func streams(seconds: Double) {
        let found = found("bodyStalls") {
            $0.answer(0)
            $0.gained.requests.started = 3
            $0.open(active: 3)
            $0.host.silentSeconds = seconds
            $0.host.bodySilentSeconds = seconds
            $0.host.longestBodyPauseSeconds = 15
            $0.hang(3, seconds: 60, inBody: 3)
        }
        #expect((found == nil) == (seconds < 30))
    }

    @Test("Before a host's first answer its silence says that it may be meant") func firstAnswers() {
        func advice(inBody: Int, answered: Int) -> String? {
            found(inBody > 0 ? "bodyStalls" : "noResponse") {
                $0.answer(answered)
                if answered > 0 { for _ in 0..<answered { $0.host.metrics.latency.service.record(.milliseconds(2)) } }
                $0.open(active: 3)
                $0.host.silentSeconds = 12
                $0.hang(3, seconds: 12, inBody: inBody)
            }?.advice
        }
        #expect(
            advice(inBody: 0, answered: 0)?.hasSuffix(
                "if it is a long poll, waiting is normal, and known after its first answer") == true)
        #expect(advice(inBody: 3, answered: 0)?.contains("if it streams events") == true)
        #expect(advice(inBody: 0, answered: 20)?.hasSuffix("limits the wait") == true)
    }

    @Test("Bodies that never end are told from silence, however many requests wait behind them")
    func headsWithoutBodies() {
        func unanswered(heads: Int, asked: Int) -> String? {
            found(heads > 0 ? "bodyStalls" : "noResponse") {
                $0.answer(0)
                $0.gained.requests.started = 160
                $0.gained.requests.cancelled = 160
                $0.gained.requests.onNewConnection = asked
                $0.gained.connections.opened = asked
                for _ in 0..<heads { $0.gained.latency.firstByte.record(.milliseconds(1)) }
                $0.open()
            }?.advice
        }
        #expect(unanswered(heads: 64, asked: 64)?.contains("heads came") == true)
        #expect(unanswered(heads: 0, asked: 64)?.contains("got no response") == true)
    }

    @Test("The server's idle limit is compared with ours") func closesIdle() {
        func closes(_ learned: Double?, _ limit: Double?) -> Diagnosis? {
            var ailment = Ailment("shop")
            ailment.close(.peerClosedIdle, 21)
            ailment.host.learnedIdleSeconds = learned
            ailment.host.idleLimitSeconds = limit
            return ailment.findings.all.first { $0.label.hasPrefix("serverCloses") }
        }
        #expect(closes(nil, 60)?.level == .hint)
        #expect(
            closes(12, 60)?.advice
                == "the server dropped 21 idle connections at 12 s, our limit is 60 s: set idleTimeout below 12 s")
        #expect(closes(12, 60)?.level == .warn && closes(12, nil)?.level == .warn)
        #expect(closes(12, 11)?.level == .hint)
    }

    @Test("A close of idle connections that leaves no reuse has it in its advice, and what was lost to it")
    func idleRace() {
        var ailment = Ailment("shop")
        ailment.answer([200: 47], reused: 0)
        ailment.close(.peerClosedIdle, 40)
        ailment.host.idleLimitSeconds = 60
        #expect(
            ailment.findings.main?.advice
                == "0% reuse: the server dropped 40 idle connections before the next request came; "
                + "its limit is not known yet, ours is 60 s")
        ailment.fail([.peerClosed: 1], answered: 47)
        ailment.gained.requests.onNewConnection = 48
        ailment.gained.requests.onReusedConnection = 0
        ailment.close(.peerClosedIdle, 40)
        #expect(ailment.findings.main?.label == "serverClosesIdle", "one failure of 48 follows from the closes")
        #expect(ailment.findings.main?.advice.contains("1 request was lost in the race with it") == true)
        #expect(!ailment.findings.all.contains { $0.label == "peerClosed" })
        ailment.answer([200: 12], reused: 1)
        ailment.close(.peerClosedIdle, 11)
        #expect(ailment.findings.main?.label == "serverClosesIdle" && ailment.findings.main?.level == .warn)
        ailment.fail([.peerClosed: 20], answered: 28)
        #expect(ailment.findings.main?.label == "peerClosed", "so many are no race")
    }

    @Test("Advice on low reuse names the setting that limits it, and how many answers a connection has")
    func lowReuseAdvice() {
        func advice(_ reason: CloseReason, reused: Int) -> String? {
            var ailment = Ailment("shop")
            ailment.answer([200: 1000], reused: reused)
            ailment.close(reason, 1000 - reused)
            return ailment.findings.main?.advice
        }
        #expect(advice(.closeHeaderReceived, reused: 0)?.contains("Connection: close after each answer;") == true)
        #expect(advice(.closeHeaderReceived, reused: 890)?.contains("after about 9 answers;") == true)
        #expect(advice(.http10, reused: 0)?.contains("the server speaks HTTP/1.0; only its owner") == true)
        #expect(advice(.evictedForOtherHost, reused: 500)?.hasSuffix("raise maxTotalSockets") == true)
        #expect(advice(.idleLimitTotal, reused: 500)?.contains("raise maxFreeSocketsTotal") == true)
        #expect(advice(.idleLimitHost, reused: 500)?.hasSuffix("raise maxFreeSockets") == true)
    }

    @Test("More connections than the load needs, unless something was changed a moment ago") func surplus() {
        let idle: (inout Ailment) -> Void = {
            $0.answer(1000)
            $0.service = 0.00012
            $0.open(idle: 18)
        }
        #expect(
            found("surplus", idle)?.advice
                == "18 open for 100 req/s at 0.12 ms: 2 would do: lower maxFreeSockets from 32 to 4")
        #expect(
            found("surplus") {
                idle(&$0); $0.secondsSinceChange = 3
            } == nil)
    }

    @Test("Ports in TIME_WAIT are those that we close") func ports() {
        func level(_ reason: CloseReason, _ count: Int) -> Level? {
            found("timeWait") { $0.close(reason, count) }?.level
        }
        #expect(level(.closeHeaderSent, 3000) == .warn && level(.closeHeaderSent, 30_000) == .warn)
        #expect(level(.closeHeaderSent, 1000) == nil && level(.closeHeaderReceived, 30_000) == nil)
        #expect(level(.peerClosedIdle, 30_000) == nil)
    }

    @Test("Addresses: gone from DNS, dead, or with more than their share") func addresses() {
        func addresses(_ change: (inout AddressSnapshot) -> Void) -> [String] {
            var ailment = Ailment("shop")
            var second = ailment.host.addresses[0]
            second.address = "127.0.0.2:8080"
            change(&second)
            ailment.host.addresses.append(second)
            return ailment.findings.all.map(\.label).filter { ["addressGone", "uneven", "addressDead"].contains($0) }
        }
        #expect(addresses { _ in } == [])
        #expect(addresses { $0.isInDNS = false } == ["addressGone"])
        #expect(addresses { $0.exchanges = 900 } == ["uneven"])
        #expect(addresses { $0.isSuspect = true } == ["addressDead"])
    }

    @Test("A body that nobody reads, and connections that nobody used") func waste() {
        let reading = SocketSnapshot(
            id: 1, state: .readingBody, ageSeconds: 40, idleSeconds: nil, exchanges: 1, localPort: nil, peer: nil,
            method: "GET", exchangeSeconds: 34, expiresInSeconds: nil, expiresBy: nil)
        #expect(
            found("bodyUnread") {
                $0.host.sockets = [reading]; $0.open(active: 1)
            }?.shortText == "body unread 34 s")
        #expect(
            found("unusedDials") {
                $0.host.metrics.connections.opened = 200
                $0.host.metrics.requests.onNewConnection = 150
            }?.level == .hint)
    }

    @Test("A queue that is full is a bad one") func queueFull() {
        let full = found("poolTooSmall") {
            $0.fail([.queueFull: 100], answered: 900)
            $0.service = 0.08
            $0.open(active: 64, queued: 40)
            $0.host.oldestWaitSeconds = 1
        }
        #expect(full?.level == .bad && full?.advice.contains("100 requests got no connection") == true)
    }

    @Test("Dials that fail now and then are counted like other failures") func flapping() {
        let refused = found("connectRefused") { $0.fail([.connectRefused: 60], answered: 140) }
        #expect(refused?.headline == "shop: connection refused (×60)" && refused?.level == .bad)
    }
}
