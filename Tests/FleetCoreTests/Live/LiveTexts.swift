import MetricsText
import PoolModel

/// The texts that services publish after a time, with rates that are known.
enum LiveTexts {
    /// One host of a service of ours.
    struct HostRates {
        var name: String
        var requests: Double
        var opened: Double
        var failed = 0.0
        var open = 4
        var reason = CloseReason.idleTimeout
        var milliseconds = 20
    }

    static let steady = [
        HostRates(name: "pay", requests: 40, opened: 1), HostRates(name: "mail", requests: 10, opened: 1.3, open: 2),
    ]
    /// Every request has a connection of its own, which the server closes.
    static let churning = [
        HostRates(name: "pay", requests: 40, opened: 40, failed: 2, reason: .peerClosedIdle, milliseconds: 80)
    ]

    static func own(_ rates: [HostRates], after seconds: Double, isWatched: Bool = false) -> [UInt8] {
        let hosts = rates.enumerated().map { index, rate -> HostSnapshot in
            func count(_ perSecond: Double) -> Int { Int(perSecond * seconds) }
            var metrics = HostMetrics()
            metrics.requests.succeeded = count(rate.requests - rate.failed)
            metrics.requests.failed = count(rate.failed)
            metrics.requests.started = metrics.requests.succeeded + metrics.requests.failed
            metrics.connections.opened = count(rate.opened) + rate.open
            metrics.connections.closed = count(rate.opened)
            metrics.connections.closedByReason.add(count(rate.opened), to: rate.reason)
            metrics.connections.active = 1
            metrics.connections.idle = rate.open - 1
            metrics.requests.inFlight = 1
            metrics.requests.onNewConnection = count(rate.opened)
            metrics.requests.onReusedConnection = count(rate.requests) - count(rate.opened)
            metrics.statuses[200] = metrics.requests.succeeded
            (metrics.bytes.sent, metrics.bytes.received) = (count(rate.requests * 100), count(rate.requests * 1000))
            metrics.errors.add(count(rate.failed), to: .peerReset)
            for _ in 0..<count(rate.requests) {
                metrics.latency.response.record(Int64(rate.milliseconds) * 1_000_000)
            }
            return HostSnapshot(
                id: index, name: rate.name, origin: "http://\(rate.name).local:8080", isTLS: false, keepAlive: true,
                keepAliveIsOwn: false, maxSockets: 64, maxFreeSockets: 64, idleLimitOrigin: .none, metrics: metrics,
                certainty: isWatched ? .watched : Certainties(), addresses: [])
        }
        let source = isWatched ? SourceSnapshot(kind: .watch, name: "node app.js", pid: 4711) : nil
        let snapshot = AgentSnapshot(
            sequence: 1, takenAt: 0, uptimeSeconds: seconds, keepAlive: true, dnsCacheEnabled: true, draining: false,
            maxTotalSockets: 256, hosts: hosts, dns: DNSCounts(), dnsRecords: [], process: ProcessSnapshot(),
            events: [], ignoredEvents: 0, source: source)
        var writer = MetricsWriter()
        return writer.write(snapshot, as: .plainText)
    }

    /// 30 requests per second, 3 of them on new connections, and 1 that fails; 4 connections are open.
    static func dotnet(after seconds: Double) -> [UInt8] {
        let host = #"server_address="api.local",server_port="8080",url_scheme="http""#
        let answered = Int(29 * seconds)
        return Array(
            """
            http_client_open_connections{http_connection_state="active",network_protocol_version="1.1",\(host)} 1
            http_client_open_connections{http_connection_state="idle",network_protocol_version="1.1",\(host)} 3
            http_client_active_requests{http_request_method="GET",\(host)} 3
            http_client_connection_duration_seconds_count{\(host)} \(Int(3 * seconds))
            http_client_request_duration_seconds_count{http_response_status_code="200",\(host)} \(answered)
            http_client_request_duration_seconds_count{error_type="timeout",\(host)} \(Int(seconds))
            http_client_request_duration_seconds_bucket{http_response_status_code="200",le="0.1",\(host)} 0
            http_client_request_duration_seconds_bucket{http_response_status_code="200",le="0.25",\(host)} \(answered)
            http_client_request_duration_seconds_bucket{http_response_status_code="200",le="+Inf",\(host)} \(answered)

            """.utf8)
    }

    /// 20 requests per second, 5 new connections; nobody fails, so there are no errors yet.
    static func reactor(after seconds: Double) -> [UInt8] {
        let host = #"remote_address="db.local:443""#
        return Array(
            """
            reactor_netty_connection_provider_active_connections{id="1",name="http",\(host)} 2
            reactor_netty_connection_provider_idle_connections{id="1",name="http",\(host)} 6
            reactor_netty_connection_provider_pending_connections{id="1",name="http",\(host)} 3
            reactor_netty_http_client_connect_time_seconds_count{status="SUCCESS",\(host)} \(Int(5 * seconds))
            reactor_netty_http_client_response_time_seconds_count{status="200",uri="/",\(host)} \(Int(20 * seconds))

            """.utf8)
    }

    /// Pools of undici have no totals.
    static func undici() -> [UInt8] {
        Array(
            """
            nodejs_undici_pool_connected{origin="http://pay.local:80"} 8
            nodejs_undici_pool_free{origin="http://pay.local:80"} 2
            nodejs_undici_pool_pending{origin="http://pay.local:80"} 7
            nodejs_undici_pool_running{origin="http://pay.local:80"} 6

            """.utf8)
    }
}
