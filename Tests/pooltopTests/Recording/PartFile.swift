import Foundation

@testable import PoolModel
@testable import Recordings
@testable import Reporting
@testable import SessionConfig

/// The recording of one of several programs: part K makes 20 K requests per second to each host, on K connections.
final class PartFile {
    static let start = SnapshotFixture.startedAt
    static let seconds = 10

    private let file: TemporaryFile
    /// Its name in the expectations of a test.
    let label: String
    /// The snapshots from the start of measuring on.
    private(set) var measured: [AgentSnapshot] = []

    var path: String { file.path }

    init(_ file: TemporaryFile) {
        self.file = file
        label = ""
    }

    /// `offset` is when it started, in seconds after `start`; `warmUp`, for how many seconds it did not measure; `port`, that
    /// of its first host; `succeeded`, so many requests at the end in place of the true number.
    init(
        share: PlanShare?, offset: Double = 0, seconds: Int = PartFile.seconds, warmUp: Int = 0, label: String = "",
        hosts: [String] = ["catalog", "search"], port: Int = 8000, command: String = "run", version: String? = nil,
        succeeded: Int? = nil, change: (inout SessionPlan) throws -> Void = { _ in }
    ) throws {
        self.label = label
        file = try TemporaryFile("")
        var plan = try SnapshotFixture.plan(warmUp: .seconds(warmUp))
        plan.share = share
        try change(&plan)
        var header = RecordingHeader(plan: plan, command: command, startedAt: Self.start + offset)
        if let version { header.version = version }
        var sink = try RecordingSink(path: file.path, header: header)
        let number = share?.part ?? 1
        var snapshot = Self.empty(hosts: hosts, port: port, rate: 100 * Double(number))
        var random = SplitMix64(seed: UInt64(number))
        for tick in 0...2 * seconds {
            snapshot.uptimeSeconds = Double(tick) / 2
            snapshot.takenAt = Self.start + offset + snapshot.uptimeSeconds
            if tick > 0 { Self.grow(&snapshot, by: 10 * number, on: number, &random) }
            if tick == 2 * seconds, let succeeded { snapshot.hosts[0].metrics.requests.succeeded = succeeded }
            snapshot.events = []
            if tick == 3 { snapshot.events = [Self.notice(.info, "notice of \(number)", snapshot, host: 1)] }
            if tick == 4 { snapshot.events = [Self.notice(.mark, "keepAlive=off", snapshot, host: nil)] }
            if tick >= 2 * warmUp { measured.append(snapshot) }
            try sink.write(.snapshot(snapshot, startsMeasuring: tick == 2 * warmUp))
        }
        try sink.write(.end(measuredSeconds: Double(seconds - warmUp)))
        try sink.finish()
    }

    private static func notice(
        _ level: AgentNotice.Level, _ text: String, _ snapshot: AgentSnapshot, host: Int?
    ) -> AgentNotice {
        AgentNotice(level: level, uptimeSeconds: snapshot.uptimeSeconds - 0.1, hostID: host, text: text)
    }

    private static func empty(hosts: [String], port: Int, rate: Double) -> AgentSnapshot {
        var snapshot = SnapshotFixture.zero
        let model = snapshot.hosts[0]
        snapshot.hosts = hosts.enumerated().map { index, name in
            var host = model
            (host.id, host.name, host.origin) = (index, name, "http://127.0.0.1:\(port + index)")
            host.addresses = [
                AddressSnapshot(
                    address: "127.0.0.1:\(port + index)", connectionsOpened: 0, open: 0, exchanges: 0, isInDNS: true,
                    isSuspect: false)
            ]
            return host
        }
        let targets = hosts.enumerated().map { index, name in
            LoadSnapshot.LoadTarget(
                name: name, url: "http://127.0.0.1:\(port + index)/", method: "GET", weight: 1, planned: 0,
                succeeded: 0,
                failed: 0, hostID: index)
        }
        snapshot.load = LoadSnapshot(
            isOpenLoop: true, targetPerSecond: rate, concurrency: nil, arrivals: "constant", planned: 0, sent: 0,
            seed: 42,
            paused: false, targets: targets)
        return snapshot
    }

    private static func grow(
        _ snapshot: inout AgentSnapshot, by count: Int, on connections: Int, _ random: inout SplitMix64
    ) {
        for index in snapshot.hosts.indices {
            var metrics = snapshot.hosts[index].metrics
            metrics.requests.started += count
            metrics.requests.succeeded += count
            metrics.requests.onNewConnection = connections
            metrics.requests.onReusedConnection = metrics.requests.started - connections
            metrics.statuses[200, default: 0] += count
            metrics.connections.dials = connections
            metrics.connections.opened = connections
            metrics.connections.active = connections
            metrics.connections.peakOpen = connections
            for _ in 0..<count {
                metrics.latency.response.record(.microseconds(Int64(100 + random.next() % 20_000)))
                metrics.latency.service.record(.microseconds(Int64(100 + random.next() % 900)))
            }
            snapshot.hosts[index].metrics = metrics
            snapshot.load?.targets[index].planned += count
            snapshot.load?.planned += count
            snapshot.load?.sent += count
        }
        snapshot.dns.lookups += count
        snapshot.dns.hits += count
        snapshot.process.cpuSeconds += 0.25
    }
}
