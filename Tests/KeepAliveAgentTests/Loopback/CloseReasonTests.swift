import AgentCore
import DNSWire
import Downstream
import KeepAliveAgent
import NIOCore
import PoolModel
import TestSupport
import Testing

extension LoopbackTests {
    /// One case per reason that a server or a setting can cause.
    @Suite struct CloseReasonTests {
        struct Case: Sendable, CustomTestStringConvertible {
            let reason: CloseReason
            let settings: @Sendable (inout AgentSettings) -> Void
            let deed: @Sendable (Rig, DownstreamFleet) async throws -> Void
            var testDescription: String { reason.rawValue }

            init(
                _ reason: CloseReason, _ settings: @escaping @Sendable (inout AgentSettings) -> Void = { _ in },
                _ deed: @escaping @Sendable (Rig, DownstreamFleet) async throws -> Void
            ) {
                self.reason = reason
                self.settings = settings
                self.deed = deed
            }

            /// A request whose path alone makes the reason.
            init(_ reason: CloseReason, path: String, status: String = "200") {
                self.init(reason) { rig, _ in try await rig.expect(status, from: Ask("plain", path)) }
            }
        }

        static let cases: [Case] = ours + theirs

        static let ours: [Case] = [
            Case(.idleTimeout, { $0.idleTimeout = .milliseconds(50) }) { rig, _ in try await rig.get("plain") },
            Case(.lifetime, { $0.maxLifetime = .milliseconds(50) }) { rig, _ in try await rig.get("plain") },
            Case(.lifetime, { $0.maxLifetime = .milliseconds(50) }) { rig, _ in
                try await rig.get("plain", "/delay/200ms")
            },
            Case(.maxRequests, { $0.maxRequestsPerConnection = 2 }) { rig, fleet in
                for _ in 0..<2 { try await rig.expect("200", from: Ask("plain")) }
                let accepted = try await fleet.stats("plain").accepted
                #expect(accepted == 1)
            },
            Case(.idleLimitHost, { $0.maxFreeSocketsPerHost = 1 }) { rig, _ in
                _ = try await rig.send([Ask("plain", "/delay/50ms"), Ask("plain", "/delay/50ms")])
            },
            Case(.idleLimitTotal, { $0.maxFreeSocketsTotal = 1 }) { rig, _ in
                _ = try await rig.send([Ask("plain", "/delay/50ms"), Ask("plain", "/delay/50ms")])
            },
            Case(.evictedForOtherHost, { $0.maxTotalSockets = 1 }) { rig, _ in
                try await rig.expect("200", from: Ask("plain"))
                try await rig.expect("200", from: Ask("other"))
            },
            Case(.closeHeaderSent, { $0.keepAlive = .off }) { rig, _ in try await rig.get("plain") },
            Case(.keepAliveDisabled) { rig, _ in
                try await rig.get("plain")
                try await rig.tell(.keepAliveSet(.off, host: nil))
            },
            Case(.requestTimeout) { rig, _ in
                try await rig.expect("requestTimeout", from: Ask("plain", "/delay/30s").in(.milliseconds(50)))
            },
            Case(.requestCancelled) { rig, fleet in
                async let label: String = rig.whenEnded { bench, ended in
                    bench.start(try bench.template(Ask("plain", "/delay/30s"))) { ended($0.label) }
                }
                try await eventually("on its way") { try await fleet.stats("plain").requests == 1 }
                try await rig.on { $0.agent.cancel(RequestID(0)) }
                let end = try await label
                #expect(end == "cancelled")
            },
            Case(.drain) { rig, _ in
                try await rig.get("plain")
                try await rig.tell(.drainBegan)
            },
            Case(.shutdown) { rig, fleet in
                async let label = rig.get("plain", "/delay/30s")
                try await eventually("on its way") { try await fleet.stats("plain").requests == 1 }
                try await rig.tell(.shutdownBegan)
                let end = try await label
                #expect(end == "shutdown")
            },
        ]

        static let theirs: [Case] = [
            Case(.hintTimeout, path: "/hint/timeout=1"),
            Case(.hintTimeout, path: "/hint/timeout=0"),
            Case(.hintMax) { rig, _ in try await rig.expect("200", from: Ask("plain", "/hint/timeout=5,%20max=0")) },
            Case(.peerClosedIdle, path: "/close/silent"),
            Case(.peerClosedActive, path: "/drop", status: "peerClosed"),
            Case(.peerClosedActive, path: "/drop/midway", status: "incompleteBody"),
            Case(.peerReset, path: "/reset", status: "peerReset"),
            Case(.peerReset, path: "/reset/midway", status: "peerReset"),
            Case(.closeHeaderReceived, path: "/close"),
            Case(.http10, path: "/http10"),
            Case(.unsolicitedBytes, path: "/unsolicited"),
            Case(.tlsError) { rig, _ in try await rig.expect("incompleteBody", from: Ask("secure", "/drop/midway")) },
        ]

        @Test("Each way to close a connection has its own reason", arguments: cases) func isTheReason(_ test: Case)
            async throws
        {
            let secure = Scenario.plain("secure") { $0.scheme = .https }
            try await withRig([.plain(), .plain("other"), secure], test.settings) { rig, fleet in
                try await test.deed(rig, fleet)
                try await eventually("\(test.reason)", within: 5) {
                    try await rig.snapshot().totals.connections.closed > 0
                }
                let closes = try await rig.snapshot().totals.closes
                #expect(closes == [test.reason: 1])
            }
        }

        @Test("The learned idle limit is a close reason")
        func whatWasLearnedIsTheReason() async throws {
            try await withRig([.plain { $0.idleLimitSeconds = 0.3 }]) { rig, _ in
                for closed in 1...3 {
                    #expect(try await rig.get("plain") == "200")
                    try await eventually("closed \(closed) times") {
                        try await rig.metrics("plain").closes == [.peerClosedIdle: closed]
                    }
                }
                #expect(try await rig.get("plain") == "200")
                try await eventually("closed by us") {
                    try await rig.metrics("plain").closes == [.peerClosedIdle: 3, .learnedTimeout: 1]
                }
            }
        }

        /// A server that drops TLS connections without close_notify has an idle limit like any other.
        @Test("The idle limit is learned over TLS even without close_notify")
        func whatIsLearnedOverTLSNeedsNoCloseNotify() async throws {
            let scenario = Scenario.plain {
                $0.scheme = .https
                $0.idleLimitSeconds = 0.3
            }
            try await withRig([scenario]) { rig, _ in
                for closed in 1...3 {
                    #expect(try await rig.get("plain") == "200")
                    try await eventually("closed \(closed) times") {
                        try await rig.metrics("plain").closes == [.peerClosedIdle: closed]
                    }
                }
                #expect(try await rig.snapshot().hosts[0].learnedIdleSeconds != nil)
            }
        }

        /// The body is far larger than what the kernel keeps of it, and the server reads none of it.
        @Test("A response before the end of the request is a close reason")
        func anAnswerBeforeTheEndOfTheRequestIsTheReason() async throws {
            let server = try await RawServer.start(readsBodies: false) { _ in RawServer.ok() }
            let rig = try await Rig(dns: nil)
            try await rig.add("raw", .addresses([.ip(.loopbackV4, port: server.port)]), port: server.port)
            try await rig.expect("200", from: Ask.post("raw", "/", bytes: 64 << 20))
            #expect(try await rig.metrics("raw").closes == [.earlyResponse: 1])
            try await rig.shutdown()
            try await server.stop()
        }

        @Test(
            "Each invalid response has its own close reason",
            arguments: [
                (
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", CloseReason.framingError,
                    "framingError"
                ),
                (
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhello", .upgraded,
                    "101"
                ),
                (
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                    .framingError,
                    "200"
                ),
                ("nonsense\r\n\r\n", .framingError, "framingError"),
                ("HTTP/1.1 200 OK\r\n\r\nhello", .untilCloseBody, "200"),
                ("HTTP/1.0 200 OK\r\n\r\nhello", .http10, "200"),
                ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", .peerClosedActive, "incompleteBody"),
            ])
        func isTheReasonOfAnotherServer(bytes: String, reason: CloseReason, label: String) async throws {
            let server = try await RawServer.start { _ in
                RawServer.Deed(bytes: bytes, end: .fin(after: .milliseconds(20)))
            }
            let rig = try await Rig(dns: nil)
            try await rig.add("raw", .addresses([.ip(.loopbackV4, port: server.port)]), port: server.port)
            #expect(try await rig.get("raw") == label)
            #expect(try await rig.metrics("raw").closes == [reason: 1])
            try await rig.shutdown()
            try await server.stop()
        }
    }
}
