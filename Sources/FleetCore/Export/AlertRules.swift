import MetricsText
import PlainDocuments
import PoolModel

/// The file of alerting rules for our own names, which `pooltop export prometheus-rules` prints.
package enum AlertRules {
    /// The file, ready for `rule_files` of a Prometheus.
    package static var yaml: String {
        var lines = [
            "# Alerts for HTTP connection pools, made by pooltop \(ProductVersion.current).",
            "# Metrics: pooltop with --metrics, and every agent that publishes the same names.",
            "# Windows of 5m need a scrape interval of 75s or less.", "groups:", "  - name: pooltop", "    rules:",
        ]
        for rule in all { lines += yaml(rule) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func yaml(_ rule: AlertRule) -> [String] {
        [
            "      - alert: \(rule.name)", "        expr: |-",
        ] + rule.expression.map { "          \($0)" } + [
            "        for: \(rule.holds)", "        labels:", "          severity: \(rule.severity.rawValue)",
            "        annotations:", "          summary: \(JSONValue.quoted(rule.summary))",
            "          description: \(JSONValue.quoted(rule.description))",
        ]
    }

    /// The labels of an alert about a host as a service sees it.
    private static let perHost = ["job", "instance", MetricsWriter.hostLabel]
    private static let place = "{{ $labels.\(MetricsWriter.hostLabel) }} from {{ $labels.instance }}"

    private static let now = PoolFormulas(labels: perHost, window: "5m")
    /// The hour before the last ten minutes, to compare with.
    private static let before = PoolFormulas(labels: perHost, window: "1h", offset: "10m")

    static let all = [reuseFell, churn, portsNearExhaustion, portsExhausted, dnsNearLimit, closerChanged]

    private static let reuseFell = AlertRule(
        name: "PooltopReuseFell",
        expression: [
            now.reuse, "  < 0.8 * (\(before.reuse))",
            // Below that, a few requests more or less change the ratio by themselves.
            "and \(now.rate(\.requests.onNewConnection)) > 1",
        ],
        holds: "10m", severity: .warning,
        summary: "Fewer requests to \(place) use an open connection than an hour ago",
        description: """
            Only {{ $value | humanizePercentage }} of the requests went over a connection that was open already, at least \
            a fifth less than in the hour before. Each of the others waits for a TCP handshake and perhaps a TLS \
            handshake. Look at what was deployed or configured on either side: an HTTP client that is made anew for each \
            request, HTTP keep-alive switched off, a "Connection: close" from the server or from a proxy, or an idle \
            timeout of the server that is shorter than the pauses between requests. The panel "Closes by reason" says \
            which.
            """)

    private static let churn = AlertRule(
        name: "PooltopConnectionChurn",
        expression: [
            "\(now.rate(\.connections.opened)) > 10",
            "and \(now.rate(\.connections.opened)) > 0.5 * (\(now.finished))",
        ],
        holds: "10m", severity: .warning,
        summary: "Requests to \(place) open connections instead of using open ones",
        description: """
            {{ $value | humanize }} connections per second are opened, more than one for every two requests. Switch on \
            HTTP keep-alive in the client, share one client or agent in the whole process, read every response body to \
            its end, and allow at least as many idle connections as requests run at once. If the server closes them, \
            raise its idle timeout above the client's.
            """)

    /// Ephemeral ports of Linux's default range, 32768 to 60999, to one address and port.
    private static let ports = 28_232
    private static let portAlarm = ports * 8 / 10
    /// How long a closed connection keeps its port.
    private static let timeWaitSeconds = 60

    private static let portsNearExhaustion = AlertRule(
        name: "PooltopPortsNearExhaustion",
        expression: [
            "\(PromQL.sum(MetricsWriter.timeWait.sample, by: perHost)) + \(now.open) > \(portAlarm)",
            // Where nobody asks the kernel: the side that closes first keeps the port.
            "or \(timeWaitSeconds) * \(now.closes(by: .client)) + \(now.open) > \(portAlarm)",
        ],
        holds: "5m", severity: .critical,
        summary: "Local ports for connections to \(place) are nearly used up",
        description: """
            About {{ $value | humanize }} local ports are open or in TIME_WAIT. Linux has 28,232 by default for \
            each address and port of a server; when they are used up, new connections fail with EADDRNOTAVAIL. Let \
            connections be used again (HTTP keep-alive, a larger idle limit, a longer idle timeout), so that fewer are \
            closed. More server addresses or a wider net.ipv4.ip_local_port_range gain time but cure nothing.
            """)

    private static let portsExhausted = AlertRule(
        name: "PooltopPortsExhausted",
        expression: ["\(now.errors(.addressNotAvailable)) > 0"],
        holds: "1m", severity: .critical,
        summary: "Requests to \(place) fail because no local port is free",
        description: """
            {{ $value | humanize }} requests per second fail with EADDRNOTAVAIL: every local port to this server is open \
            or in TIME_WAIT. Switch on HTTP keep-alive, or limit the connections per host so that requests wait for one \
            that is open. Widen net.ipv4.ip_local_port_range meanwhile.
            """)

    /// The packets per second that a network interface may send to the resolver of Amazon's cloud; more are dropped.
    private static let resolverLimit = 1024

    private static let dnsNearLimit: AlertRule = {
        let formulas = PoolFormulas(labels: ["job", "instance"], window: "5m")
        return AlertRule(
            name: "PooltopDNSNearLimit",
            expression: ["\(formulas.rate(of: DNSCounts.row(\.queries))) > \(resolverLimit * 8 / 10)"],
            holds: "5m", severity: .warning,
            summary: "{{ $labels.instance }} asks its DNS servers too often",
            description: """
                {{ $value | humanize }} DNS messages per second are sent. Many resolvers answer no more: that of Amazon's \
                cloud drops what exceeds 1,024 per second and network interface, all processes of the machine together, and \
                requests then wait five seconds for a retry. Use open connections again (each new one may look its name \
                up), switch on a DNS cache in the process or on the machine, and end names with a dot or lower ndots, so \
                that search domains are not tried first.
                """)
    }()

    private static let closerChanged = AlertRule(
        name: "PooltopCloserChanged",
        expression: [
            "abs(", "  \(now.serverShare)", "  - (\(before.serverShare))", ") > 0.5",
            "and \(now.rate(\.connections.closed)) > 0.5",
        ],
        holds: "10m", severity: .warning,
        summary: "The other side now closes the connections to \(place)",
        description: """
            The part of connections that the server closes changed by {{ $value | humanizePercentage }} within an hour. \
            A server that closes first can do so while a request is on its way, which then fails or is sent again. Look \
            for a change of an idle timeout, of a limit of requests per connection or of a proxy between. The client \
            should give up idle connections before the server does: set its idle timeout a second or more below the \
            server's.
            """)
}
