internal import PoolModel

/// The meaning of each dialect's names, as its documentation or source has it.
extension Dialect {
    /// `System.Net.Http` has each instrument's attributes as labels, and durations in seconds. A failure has an
    /// `error.type` and no status; a status of 4xx or 5xx has both. DNS lookups have the name and not the host.
    static let dotnetRows: [DialectRow] = [
        DialectRow("http_client_open_connections", .active, .has("http_connection_state", "active")),
        DialectRow("http_client_open_connections", .idle, .has("http_connection_state", "idle")),
        DialectRow("http_client_active_requests", .inFlight),
        DialectRow("http_client_connection_duration_seconds_count", .closed),
        DialectRow("http_client_request_duration_seconds_count", .answered, .has("http_response_status_code")),
        DialectRow("http_client_request_duration_seconds_count", .failed, .lacks("http_response_status_code")),
        DialectRow("http_client_request_duration_seconds_count", statusesBy: "http_response_status_code"),
        DialectRow(
            "http_client_request_duration_seconds", durations: \.response, .has("http_response_status_code")),
        DialectRow("http_client_request_time_in_queue_seconds", durations: \.queueWait),
    ]

    /// Sums over all routes; no label tells hosts apart (micrometer#4956).
    static let httpComponentsRows: [DialectRow] = [
        DialectRow("httpcomponents_httpclient_pool_total_connections", .active, .has("state", "leased")),
        DialectRow("httpcomponents_httpclient_pool_total_connections", .idle, .has("state", "available")),
        DialectRow("httpcomponents_httpclient_pool_total_pending", .queued),
        DialectRow("httpcomponents_httpclient_pool_total_max", .socketLimit),
    ]

    /// Connects are timers by outcome. Pools of HTTP/2 also have streams, whose requests are not active connections.
    static let reactorNettyRows: [DialectRow] = [
        DialectRow("reactor_netty_connection_provider_active_connections", .active),
        DialectRow("reactor_netty_connection_provider_idle_connections", .idle),
        DialectRow("reactor_netty_connection_provider_pending_connections", .queued),
        DialectRow("reactor_netty_connection_provider_max_connections", .socketLimit),
        DialectRow("reactor_netty_http_client_connect_time_seconds_count", .opened, .has("status", "SUCCESS")),
        DialectRow("reactor_netty_http_client_connect_time_seconds_count", .attempts),
        DialectRow("reactor_netty_http_client_connect_time_seconds_count", .connectFailed, .has("status", "ERROR")),
        DialectRow("reactor_netty_http_client_connect_time_seconds", durations: \.connect, .has("status", "SUCCESS")),
        DialectRow("reactor_netty_http_client_response_time_seconds_count", .answered),
        DialectRow("reactor_netty_http_client_response_time_seconds_count", statusesBy: "status"),
        DialectRow("reactor_netty_http_client_response_time_seconds", durations: \.response),
        DialectRow("reactor_netty_http_client_errors_total", .failed),
        DialectRow(
            "reactor_netty_http_client_tls_handshake_time_seconds_count", .handshakes, .has("status", "SUCCESS")),
        DialectRow(
            "reactor_netty_http_client_tls_handshake_time_seconds_count", .handshakesFailed, .has("status", "ERROR")),
        DialectRow("reactor_netty_http_client_data_sent_bytes_sum", .bytesSent),
        DialectRow("reactor_netty_http_client_data_received_bytes_sum", .bytesReceived),
    ]

    /// Micrometer appends the unit of a gauge to its name, so the name ends in it; other registries do not.
    static let okHttpRows: [DialectRow] = ["okhttp_pool_connection_count_connections", "okhttp_pool_connection_count"]
        .flatMap {
            [DialectRow($0, .active, .has("state", "active")), DialectRow($0, .idle, .has("state", "idle"))]
        }

    /// The statistics of `Pool`: `free` are connections that carry nothing, `pending` the requests that were not written
    /// yet, of which `queued` is a part, and `running` those that were.
    static let undiciRows: [DialectRow] = [
        DialectRow("nodejs_undici_pool_connected", .open), DialectRow("nodejs_undici_pool_free", .idle),
        DialectRow("nodejs_undici_pool_running", .inFlight), DialectRow("nodejs_undici_pool_pending", .queued),
    ]

    /// Envoy counts a connection when it begins to connect, and one that fails to connect as destroyed, too. Its counters lack `_total` unless they are named so, and its
    /// durations are in milliseconds.
    static let envoyRows: [DialectRow] = [
        DialectRow("envoy_cluster_upstream_cx_total", .attempts),
        DialectRow("envoy_cluster_upstream_cx_active", .open),
        DialectRow("envoy_cluster_upstream_cx_connect_fail", .connectFailed),
        DialectRow("envoy_cluster_upstream_cx_connect_timeout", .connectTimedOut),
        DialectRow("envoy_cluster_upstream_cx_destroy_local", .closedLocal),
        DialectRow("envoy_cluster_upstream_cx_destroy_remote", .closedRemote),
        DialectRow("envoy_cluster_upstream_cx_destroy_remote_with_active_rq", .closedRemoteActive),
        DialectRow("envoy_cluster_upstream_cx_idle_timeout", .closedIdle),
        DialectRow("envoy_cluster_upstream_cx_max_duration_reached", .closedLifetime),
        DialectRow("envoy_cluster_upstream_cx_max_requests", .closedMaxRequests),
        DialectRow("envoy_cluster_upstream_cx_rx_bytes_total", .bytesReceived),
        DialectRow("envoy_cluster_upstream_cx_tx_bytes_total", .bytesSent),
        DialectRow("envoy_cluster_upstream_rq_total", .sent),
        DialectRow("envoy_cluster_upstream_rq_active", .inFlight),
        DialectRow("envoy_cluster_upstream_rq_pending_active", .queued),
        DialectRow("envoy_cluster_upstream_rq_xx", statusesBy: "envoy_response_code_class"),
        DialectRow("envoy_cluster_upstream_rq_xx", .answered),
        DialectRow("envoy_cluster_upstream_rq_cancelled", .cancelled),
        DialectRow("envoy_cluster_upstream_rq_retry", .retried),
        DialectRow("envoy_cluster_ssl_handshake", .handshakes),
        DialectRow("envoy_cluster_ssl_connection_error", .handshakesFailed),
        DialectRow("envoy_cluster_ssl_session_reused", .resumed),
        DialectRow("envoy_cluster_upstream_cx_connect_ms", durations: \.connect, unit: 0.001),
        DialectRow("envoy_cluster_upstream_rq_time", durations: \.response, unit: 0.001),
    ]

    /// Figures of servers, not of backends, which are their sums. What was not measured is NaN.
    static let haproxyRows: [DialectRow] = [
        DialectRow("haproxy_server_used_connections_current", .active),
        DialectRow("haproxy_server_idle_connections_current", .idle),
        DialectRow("haproxy_server_current_queue", .queued),
        DialectRow("haproxy_server_limit_sessions", .socketLimit),
        DialectRow("haproxy_server_idle_connections_limit", .idleSocketLimit),
        DialectRow("haproxy_server_connection_attempts_total", .attempts),
        DialectRow("haproxy_server_connection_errors_total", .connectFailed),
        DialectRow("haproxy_server_connection_reuses_total", .onReused),
        DialectRow("haproxy_server_http_responses_total", .answered),
        DialectRow("haproxy_server_http_responses_total", statusesBy: "code"),
        DialectRow("haproxy_server_response_errors_total", .failed),
        DialectRow("haproxy_server_retry_warnings_total", .retried),
        DialectRow("haproxy_server_bytes_in_total", .bytesSent),
        DialectRow("haproxy_server_bytes_out_total", .bytesReceived),
    ]
}
