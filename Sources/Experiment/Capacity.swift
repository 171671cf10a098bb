package import PoolModel

/// The load to scale the measured figures to, and the limits to compare them with.
package struct CapacityPlan: Sendable, Equatable {
    package var model = CapacityModel()
    /// The requests per second that the service makes; nil: as many as were measured.
    package var requestsPerSecond: Double?
    /// The process of the service, which makes those requests now, in arm A's way; nil: the own CPU is given.
    package var ownProcess: Int?
    /// The CPU seconds that this process spent per second, as measured beside the comparison; nil if it was not.
    package var ownProcessCPUPerSecond: Double?

    package init() {}
}

/// The resources that a service with this load would need, by arm.
///
/// Figures per request were measured; all figures here are those multiplied by the rate.
package struct Capacity: Sendable, Equatable {
    /// Linux assigns ports 32768…60999, and keeps a port for 60 s if this side closed first. This is the resulting
    /// limit on connections opened per second to one address and port.
    package static let portsPerSecond = 28_232.0 / 60
    /// The DNS packets per second that an AWS network interface may send to its resolver.
    package static let dnsPacketsPerSecond = 1024.0

    /// A whole number of containers, rounded up from the estimate and from the ends of its 95 % interval.
    package struct Containers: Sendable, Equatable {
        package var value: Int
        /// nil if there are too few windows to say anything about the spread.
        package var low: Int?
        package var high: Int?
        package var beforeRounding: Double
    }

    /// The billing units of an AWS application load balancer (LCU); the largest dimension is billed. Rules are ignored,
    /// because they are unknown and the first ten are free.
    package struct LoadBalancer: Sendable, Equatable {
        package enum Dimension: String, Sendable, CaseIterable {
            /// One unit is 25 per second.
            case newConnections
            /// One unit is 3,000 per minute.
            case activeConnections
            /// One unit is 1 GB per hour.
            case processedBytes
        }
        package var units: [Dimension: Double]
        package var billed: Double { units.values.max() ?? 0 }
        /// The dimension that is billed.
        package var binding: Dimension {
            Dimension.allCases.max { (units[$0] ?? 0) < (units[$1] ?? 0) } ?? .newConnections
        }
    }

    package struct ArmFigures: Sendable, Equatable {
        /// nil if no request finished.
        package var containers: Containers?
        /// New connections per second to the address that receives the most.
        package var connectionsPerAddress: Double
        package var dnsPackets: Double
        package var loadBalancer: LoadBalancer
    }

    package var model: CapacityModel
    /// The process that the own CPU is from; nil: it was given.
    package var ownProcess: Int?
    /// The rate that the figures are scaled to; nil if no request finished.
    package var requestsPerSecond: Double?
    package var a: ArmFigures?
    package var b: ArmFigures?

    init(_ a: [WindowSample], _ b: [WindowSample], model plan: CapacityPlan, intervals: Intervals) {
        model = plan.model
        let all = (a + b).reduce(into: Quotient(0, per: 0)) { $0 = $0 + Quotient(Double($1.finished), per: $1.seconds) }
        requestsPerSecond = plan.requestsPerSecond ?? all.value.flatMap { $0 > 0 ? $0 : nil }
        guard let rate = requestsPerSecond else { return }
        if let spent = plan.ownProcessCPUPerSecond {
            // The process spends its own CPU and that of HTTP, of which A's is known.
            let http = a.compactMap(Metric.cpuSecondsPerRequest.quotient).reduce(Quotient(0, per: 0), +)
            model.ownCPUSecondsPerRequest = max(0, spent / rate - (http.value ?? 0))
            ownProcess = plan.ownProcess
        }
        self.a = Self.figures(a, rate, model, intervals)
        self.b = Self.figures(b, rate, model, intervals)
    }

    private static func figures(
        _ windows: [WindowSample], _ rate: Double, _ model: CapacityModel, _ intervals: Intervals
    ) -> ArmFigures? {
        let finished = windows.reduce(0) { $0 + $1.finished }
        let seconds = windows.reduce(0) { $0 + $1.seconds }
        guard finished > 0, seconds > 0 else { return nil }
        // Converts counts from the measured seconds to one second at the requested rate.
        let scale = rate / Double(finished)
        let perAddress = windows.reduce(into: [String: Int]()) { sums, window in
            for host in window.hosts { sums[host.name, default: 0] += host.openedToBusiestAddress }
        }
        let opened = Double(windows.reduce(0) { $0 + $1.connectionsOpened }) * scale
        let open = Double(windows.reduce(0) { $0 + $1.open }) / Double(windows.count)
        let bytes = Double(windows.reduce(0) { $0 + $1.bytes }) * scale
        return ArmFigures(
            containers: containers(windows, rate, model, intervals),
            connectionsPerAddress: Double(perAddress.values.max() ?? 0) * scale,
            dnsPackets: Double(windows.reduce(0) { $0 + $1.dnsQueries }) * scale,
            loadBalancer: LoadBalancer(units: [
                .newConnections: opened / 25, .activeConnections: (opened * 60 + open) / 3000,
                .processedBytes: bytes * 3600 / 1e9,
            ]))
    }

    private static func containers(
        _ windows: [WindowSample], _ rate: Double, _ model: CapacityModel, _ intervals: Intervals
    ) -> Containers? {
        let terms = windows.map { SIMD4($0.agentCPUSeconds, Double($0.finished), 0, 0) }
        func load(_ sums: SIMD4<Double>) -> Double? {
            guard sums.y > 0 else { return nil }
            return model.load(requestsPerSecond: rate, httpCPUSecondsPerRequest: sums.x / sums.y)
        }
        guard let exact = load(terms.reduce(.zero, +)) else { return nil }
        let interval = intervals.of(terms, figure: load).at95
        func whole(_ load: Double) -> Int { max(1, Int(load.rounded(.up))) }
        let isBounded = interval?.low.isFinite == true && interval?.high.isFinite == true
        return Containers(
            value: whole(exact), low: isBounded ? interval.map { whole($0.low) } : nil,
            high: isBounded ? interval.map { whole($0.high) } : nil,
            beforeRounding: exact)
    }
}
