import Experiment
import PlainDocuments
import PoolModel

/// The resources that a load would need, as rows of text.
struct CapacityWords {
    struct Row {
        var label: String
        var a: String
        var b: String
        /// The limit or price that the figures are compared with.
        var note: String
    }

    private let model: CapacityModel
    private let ownProcess: Int?
    private let a: Capacity.ArmFigures
    private let b: Capacity.ArmFigures

    init(_ capacity: Capacity, _ a: Capacity.ArmFigures, _ b: Capacity.ArmFigures) {
        model = capacity.model
        ownProcess = capacity.ownProcess
        self.a = a
        self.b = b
    }

    var rows: [Row] {
        [
            row("containers", { containers($0.containers) }, note: containerNote),
            row("before rounding", { beforeRounding($0.containers) }, note: ""),
            row(
                "connections to one address", { share($0.connectionsPerAddress, of: Capacity.portsPerSecond) },
                note: "of 470/s (28,232 ports, each 60s)"),
            row(
                "DNS packets", { share($0.dnsPackets, of: Capacity.dnsPacketsPerSecond) },
                note: "of 1,024/s (AWS network interface)"),
            row("load balancer units", { units($0.loadBalancer) }, note: "AWS ALB; the largest counts"),
            row("bound by", { ComparisonWords.dimension($0.loadBalancer.binding) }, note: ""),
        ]
    }

    private func row(_ label: String, _ text: (Capacity.ArmFigures) -> String, note: String) -> Row {
        Row(label: label, a: text(a), b: text(b), note: note)
    }

    private var containerNote: String {
        let cores = model.cores == 1 ? "1 core" : "\(NumberFormat.count(model.cores)) cores"
        return "\(cores) at \(ComparisonWords.percent(model.utilisation)), "
            + "\(NumberFormat.duration(model.ownCPUSecondsPerRequest)) of own CPU each"
            + (ownProcess.map { " (pid \($0) less A)" } ?? "")
    }

    private func containers(_ containers: Capacity.Containers?) -> String {
        guard let containers else { return "-" }
        guard let low = containers.low, let high = containers.high, low != high else {
            return NumberFormat.count(containers.value)
        }
        return "\(NumberFormat.count(containers.value)) (\(NumberFormat.count(low)) - \(NumberFormat.count(high)))"
    }

    private func beforeRounding(_ containers: Capacity.Containers?) -> String {
        guard let containers else { return "-" }
        return NumberFormat.decimals(containers.beforeRounding, containers.beforeRounding < 99.95 ? 2 : 0)
    }

    private func share(_ perSecond: Double, of limit: Double) -> String {
        let share = perSecond / limit
        let part =
            share >= 1 ? "\(NumberFormat.decimals(share, share < 9.95 ? 1 : 0))x" : ComparisonWords.percent(share)
        return "\(ComparisonWords.rate(perSecond)) \(part)"
    }

    private func units(_ balancer: Capacity.LoadBalancer) -> String { NumberFormat.count(balancer.billed) }
}
