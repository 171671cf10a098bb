package import Experiment
import PoolModel

extension WindowSample {
    /// The sample computed from the two snapshots of a window.
    package init(_ window: PlannedWindow, _ measured: MetricsWindow, tcpSegments: Int?, wasAtRest: Bool) {
        self.init(window: window)
        let metrics = measured.totals.metrics
        seconds = measured.seconds
        planned = measured.totals.planned
        finished = metrics.requests.finished
        failed = metrics.requests.failed
        exchanges = metrics.requests.onNewConnection + metrics.requests.onReusedConnection
        connectionsOpened = metrics.connections.opened
        open = metrics.connections.open
        dnsQueries = measured.dns.queries
        tlsHandshakes = metrics.tls.handshakes
        bytes = metrics.bytes.sent + metrics.bytes.received
        agentCPUSeconds = measured.process.agentCPUSeconds
        self.tcpSegments = tcpSegments
        let response = metrics.latency.response
        responseMean = response.meanSeconds
        responseP50 = response.seconds(atPercentile: 50)
        responseP90 = response.seconds(atPercentile: 90)
        responseP99 = response.seconds(atPercentile: 99)
        hosts = measured.hosts.map { host in
            HostSample(
                name: host.name,
                exchanges: host.figures.metrics.requests.onNewConnection
                    + host.figures.metrics.requests.onReusedConnection,
                connectionsOpened: host.figures.metrics.connections.opened,
                openedToBusiestAddress: host.addresses.map(\.connectionsOpened).max() ?? 0)
        }
        self.wasAtRest = wasAtRest
    }
}

extension MetricsWindow {
    /// Adds a later window of the same hosts: totals are summed, present counts are those of the later window.
    package mutating func merge(_ later: MetricsWindow) {
        seconds += later.seconds
        for host in later.hosts {
            if let place = hosts.firstIndex(where: { $0.name == host.name && $0.origin == host.origin }) {
                hosts[place].merge(host)
            } else {
                hosts.append(host)
            }
        }
        totals = hosts.reduce(into: WindowFigures()) { $0.merge($1.figures) }
        dns.addCounts(of: later.dns)
        dns.entries = later.dns.entries
        dnsCacheEnabled = later.dnsCacheEnabled
        keepAlive = later.keepAlive
        let earlier = process
        process = later.process
        process.cpuSeconds += earlier.cpuSeconds
        process.agentCPUSeconds += earlier.agentCPUSeconds
    }
}

extension HostWindow {
    fileprivate mutating func merge(_ later: HostWindow) {
        figures.append(later.figures)
        for address in later.addresses {
            if let place = addresses.firstIndex(where: { $0.address == address.address }) {
                addresses[place].connectionsOpened += address.connectionsOpened
                addresses[place].exchanges += address.exchanges
                addresses[place].present = address.present
            } else {
                addresses.append(address)
            }
        }
        present = later.present
    }
}

extension WindowFigures {
    /// Adds a later window of the same host. Unlike `merge`, which adds another host, present counts are not summed.
    fileprivate mutating func append(_ later: WindowFigures) {
        let earlier = self
        merge(later)
        (openAtStart, connectingAtStart) = (earlier.openAtStart, earlier.connectingAtStart)
        presentAtStart = earlier.presentAtStart
        metrics.requests.inFlight = later.metrics.requests.inFlight
        metrics.requests.queued = later.metrics.requests.queued
        metrics.connections.connecting = later.metrics.connections.connecting
        metrics.connections.active = later.metrics.connections.active
        metrics.connections.idle = later.metrics.connections.idle
        metrics.connections.peakOpen = max(
            earlier.metrics.connections.peakOpen, later.metrics.connections.peakOpen)
    }
}
