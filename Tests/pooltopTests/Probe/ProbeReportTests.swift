import Foundation
import HTTP1
import PoolModel
import SessionConfig
import Testing

@testable import Prober

@Suite struct ProbeReportTests {
    private typealias Fixture = ProbeFixture

    private func text(_ results: ProbeResult..., json: Bool = false) -> String {
        ProbeReport(results: results, isSingle: results.count == 1).text(json: json)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("A complete probe has the expected report")
    func oneProbeWithAllThereIsToTell() throws {
        #expect(
            text(try Fixture.result(Fixture.full, url: "https://pay.test/x")) == """
                https://pay.test:443/x   GET 200, HTTP/1.1, 10.0.0.7:443, 10.0.0.8:443

                Keeps connections  yes
                Idle limit         4.00s, 3 connections closed after 4.00s to 4.02s,
                                   a request was answered after 2.00s
                Hint               timeout=5, max=100
                Requests           100 on a connection, the last response says Connection: close
                Ends them by       close_notify
                TLS                TLS 1.3, TLS_AES_128_GCM_SHA256, ALPN h2,
                                   offers resumption (whether it keeps to that was not tried),
                                   certificate until 2027-01-15
                DNS                127.0.0.1, TTL 30s, negative TTL 5s
                New connection     DNS 2.00ms, connect 1.00ms, TLS 9.00ms, first byte 5.00ms, 17.0ms in all,
                                   median of 3
                Reused connection  first byte 2.00ms, median of 3

                Advice
                  Let a connection be idle for 3s at most: the server ends it after 4.00s, and what is sent
                  meanwhile is lost.
                  It promises 5s (Keep-Alive: timeout) and does not keep that.
                  A connection carries 100 requests, and the last response says so: no client needs to count.
                  It would rather speak HTTP/2, whose connections may have other limits.

                  pooltop run      --idle-timeout 3s
                  HTTPAgent        settings.idleTimeout = .seconds(3)
                  Node http        new https.Agent({ keepAlive: true, timeout: 3000 })
                                   (timeout is that of requests too: a slower one emits 'timeout')
                  agentkeepalive   new HttpsAgent({ freeSocketTimeout: 3000, timeout: 60000 })
                                   (timeout, that of requests, would follow freeSocketTimeout)
                  undici           new Agent({ keepAliveTimeout: 3000, keepAliveMaxTimeout: 3000 })
                  Go               http.Transport{IdleConnTimeout: 3 * time.Second}
                  Java HttpClient  -Djdk.httpclient.keepalive.timeout=3
                  libcurl          CURLOPT_MAXAGE_CONN=3
                  .NET             new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3) }
                                   (from its documentation, not tried)
                  nginx upstream   keepalive 32; keepalive_timeout 3s;
                                   (proxy_http_version 1.1 and an empty proxy_set_header Connection belong to it)
                  Envoy cluster    typed_extension_protocol_options: {
                                   envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type":
                                   type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
                                   common_http_protocol_options: { idle_timeout: 3s }, explicit_http_config: {
                                   http_protocol_options: {} } } }
                                   (from its documentation, not tried)

                """)
    }

    @Test("Values that were not determined are reported as such")
    func whatWasNotFoundOutIsSaid() throws {
        var seen = ProbeObservations()
        seen.openings = [Fixture.opening()]
        seen.wasInterrupted = true
        #expect(
            text(try Fixture.result(seen)) == """
                http://ledger.test:8080/x   GET 200, HTTP/1.1, 127.0.0.1:8080
                Ended early: what follows is what was known by then.

                Keeps connections  not found out
                Idle limit         not found out
                Hint               none
                Requests           not found out
                Ends them by       not seen
                New connection     connect 1.00ms, first byte 4.00ms, 5.00ms in all, median of 1
                Reused connection  -

                Advice
                  Whether it keeps connections was not found out, so there is no setting to advise.

                """)
    }

    @Test("A probe can end before anything is known")
    func endedBeforeAnythingWasKnown() throws {
        var seen = ProbeObservations()
        seen.wasInterrupted = true
        let lines = text(try Fixture.result(seen)).split(separator: "\n")
        #expect(lines.first == "http://ledger.test:8080/x")
        #expect(lines.filter { $0.hasSuffix("not found out") }.count == 4)
    }

    @Test("A target that is down is reported")
    func aTargetThatIsDown() throws {
        var seen = ProbeObservations()
        seen.failure = .connectRefused
        var result = try Fixture.result(seen)
        result.tlsWeakness.isInsecure = true
        #expect(
            text(result) == """
                http://ledger.test:8080/x   failed: connection refused
                TLS CERTIFICATES WERE NOT VERIFIED (--insecure)

                Advice
                  Nothing listens there, or a firewall refuses connections.

                """)
    }

    /// A server's bytes reach the terminal only as what they are.
    @Test("The server's texts cannot control a terminal")
    func whatAServerSaysCannotSteerATerminal() throws {
        var seen = Fixture.full
        seen.alpn = "h2\u{1B}[2J"
        #expect(!text(try Fixture.result(seen, url: "https://pay.test/x")).contains("\u{1B}"))
    }

    @Test("No line is wider than a terminal")
    func noLineIsWiderThanATerminal() throws {
        var wide = Fixture.full
        wide.held = Fixture.closed([4, 4.01]) + [Fixture.held(2, .answered), Fixture.held(3, .failed(.peerReset))]
        wide.runs = [ProbeObservations.Run(responses: 37, end: .failed(.peerReset))]
        let result = try Fixture.result(wide, url: "https://pay.test/x")
        for line in (text(result) + text(result, result)).split(separator: "\n") { #expect(line.count <= 100) }
    }

    @Test("Several probes are a table followed by the advice")
    func severalAreATableAndTheAdvice() throws {
        var refused = ProbeObservations()
        refused.failure = .connectRefused
        var closing = ProbeObservations()
        closing.openings = [Fixture.opening(Fixture.response(persistence: .closeHeader))]
        closing.closeAfterLastResponse = .fin
        let open = Fixture.keeping(
            held: [Fixture.held(70, .answered)], runs: [ProbeObservations.Run(responses: 1000, end: .bound)])
        let results = try [
            Fixture.result(Fixture.full, url: "https://pay.test/x"), Fixture.result(open, url: "http://a.test"),
            Fixture.result(closing, url: "http://old.test"), Fixture.result(refused, url: "http://gone.test"),
        ]
        #expect(
            ProbeReport(results: results, isSingle: false).text(json: false) == """
                Host          Keeps    Idle limit  Hint  Requests  Ends by         New  Reused  Set idle to
                pay.test:443  yes           4.00s    5s       100  closeNotify  17.0ms  2.00ms           3s
                a.test:80     yes         > 70.0s     -   > 1,000  -            5.00ms       -          69s
                old.test:80   no                -     -         -  fin          5.00ms       -            -
                gone.test:80  refused           -     -         -  -                 -       -            -

                pay.test:443  Let a connection be idle for 3s at most: the server ends it after 4.00s, and what is
                              sent meanwhile is lost. It promises 5s (Keep-Alive: timeout) and does not keep that.
                              A connection carries 100 requests, and the last response says so: no client needs to
                              count. It would rather speak HTTP/2, whose connections may have other limits.
                a.test:80     No connection was ended within 70.0s; 69s is known to be safe, more may be
                              (--max-wait).
                old.test:80   Every request costs a new connection: it says Connection: close. No setting of a
                              client changes that; the server has to keep connections.
                gone.test:80  Nothing listens there, or a firewall refuses connections.

                """)
    }

    @Test("The JSON has the documented form")
    func jsonIsTheContract() throws {
        let document = try object(text(try Fixture.result(Fixture.full, url: "https://pay.test/x"), json: true))
        #expect(
            document["schema"] as? String == "pooltop.probe/1" && document["url"] as? String == "https://pay.test:443/x"
        )
        #expect(document["startedAt"] as? String == "2026-11-18T11:06:40.000Z")
        #expect(document["keepsConnections"] as? Bool == true && document["idleLimitSeconds"] as? Double == 4)
        #expect(document["hintTimeoutSeconds"] as? Int == 5 && document["hintMax"] as? Int == 100)
        #expect(document["maxRequestsPerConnection"] as? Int == 100 && document["closes"] as? String == "closeNotify")
        #expect(document["httpVersion"] as? String == "1.1" && document["alpn"] as? String == "h2")
        #expect(document["status"] as? Int == 200 && document["error"] is NSNull)
        let tls = try #require(document["tls"] as? [String: Any])
        #expect(tls["version"] as? String == "1.3" && tls["resumption"] as? String == "offered")
        #expect(tls["certificateUntil"] as? String == "2027-01-15T08:00:00.000Z")
        let dns = try #require(document["dns"] as? [String: Any])
        #expect(dns["ttlSeconds"] as? Int == 30 && dns["negativeTTLSeconds"] as? Int == 5)
        #expect((dns["records"] as? [[String: String]])?.first == ["type": "A", "address": "127.0.0.1"])
        let latency = try #require(document["latency"] as? [String: Any])
        #expect(latency["tlsHandshake"] as? Double == 0.009 && latency["firstByteReused"] as? Double == 0.002)
        let advice = try #require(document["advice"] as? [String: Any])
        #expect(advice["idleTimeoutSeconds"] as? Double == 3 && advice["basis"] as? String == "observed")
        #expect((advice["settings"] as? [String: String])?["pooltop"] == "--idle-timeout 3s")
        let idle = try #require(document["idle"] as? [String: Any])
        #expect(idle["closed"] as? Int == 3 && (idle["connections"] as? [Any])?.count == 4)
        let requests = try #require(document["requests"] as? [String: Any])
        #expect(requests["announced"] as? Bool == true && requests["confirmed"] as? Bool == true)
    }

    /// A reader finds every field, whatever was found out.
    @Test("Undetermined values are null")
    func whatIsNotKnownIsNull() throws {
        var seen = ProbeObservations()
        seen.failure = .dnsNotFound
        let empty = try object(text(try Fixture.result(seen), json: true))
        let full = try object(text(try Fixture.result(Fixture.full), json: true))
        #expect(Set(empty.keys) == Set(full.keys) && empty["error"] as? String == "dnsNotFound")
        for key in [
            "keepsConnections", "idleLimitSeconds", "hintTimeoutSeconds", "maxRequestsPerConnection", "closes", "tls",
            "dns", "idle", "requests", "status", "lifetimeSeconds", "maxIdleConnections", "hintNeedsAsking",
            "keepsIfAsked",
        ] {
            #expect(empty[key] is NSNull, "\(key)")
        }
    }

    @Test("Several probes are an array")
    func severalAreAnArray() throws {
        let result = try Fixture.result(Fixture.full)
        let document = try object(text(result, result, json: true))
        #expect(document["schema"] as? String == "pooltop.probes/1")
        let probes = try #require(document["probes"] as? [[String: Any]])
        #expect(probes.count == 2 && probes[0]["schema"] as? String == "pooltop.probe/1")
    }
}
