import Experiment
import PlainDocuments
import PoolModel
import SessionConfig
import Wording

/// Says whose CPU time a comparison measured, and about how much of its own another client would save.
struct ClientWords {
    /// The CPU time that Node's http.Agent spends on a request in addition to our agent's, on a connection that is
    /// open: 140 µs against 15 µs on the machine of the article on speed.
    static let nodeExtraSeconds = 125e-6

    let report: ComparisonReport

    private var cpu: MetricComparison? {
        report.comparison.metrics.first { $0.metric == .cpuSecondsPerRequest }?.comparison
    }

    /// The share of the CPU per request that B saves; nil without a verdict.
    var savedShare: Double? {
        guard report.comparison.isComparable, let cpu, cpu.verdict == .lower, let ratio = cpu.ratio else { return nil }
        return 1 - ratio
    }

    /// The share that a client would save that spends as much more on every request as Node's does, if it saved the same
    /// time.
    var savedShareOfNode: Double? {
        guard report.plan.client == .pooltop, savedShare != nil, let a = cpu?.a, let b = cpu?.b, a > b else {
            return nil
        }
        return (a - b) / (a + Self.nodeExtraSeconds)
    }

    /// True if this client reuses the secrets of an earlier TLS session.
    var resumesSessions: Bool { report.plan.client == .node }

    private var hasTLS: Bool {
        let plan = report.plan.session
        return plan.usesBundledDownstreams || plan.targets.contains(where: \.url.isTLS)
    }

    var sentences: [String] {
        switch report.plan.client {
        case .pooltop:
            let tls =
                hasTLS ? ", which cannot resume TLS sessions: each new https connection is a full handshake" : ""
            var sentences = ["CPU is that of pooltop's own agent\(tls)."]
            if let savedShare, let savedShareOfNode {
                sentences.append(
                    "A client that spends \(NumberFormat.duration(Self.nodeExtraSeconds)) more on every request, as Node's "
                        + "http.Agent does, would save about \(ComparisonWords.percent(savedShareOfNode)) in place of "
                        + "\(ComparisonWords.percent(savedShare)); --client node measures it.")
            }
            return sentences
        case .node:
            let version = PlainText.clean(report.record.clientVersion ?? "")
            return [
                "CPU is that of the whole Node process (\(version)): http.Agent"
                    + (hasTLS ? ", https.Agent with resumed TLS sessions" : "")
                    + ", and the script that makes the load."
            ]
        case .attached:
            let version = PlainText.clean(report.record.clientVersion ?? "")
            var sentences = [
                "CPU is that of the whole process (\(version)) with all that it does, and so are the containers; the load is its own traffic."
            ]
            if let kernel = report.record.kernel {
                sentences.append(
                    "\(kernel.words.prefix(1).uppercased() + kernel.words.dropFirst()): it counts "
                        + "\(NumberFormat.count(kernel.opened)) new connections, the process \(NumberFormat.count(kernel.seen))."
                )
            }
            return sentences
        }
    }

    var document: JSONValue {
        .object([
            "name": .string(report.plan.client.rawValue),
            "version": .string(report.record.clientVersion ?? ProductVersion.current),
            "resumesTLSSessions": report.plan.client == .attached ? .null : .bool(resumesSessions),
            "cpuSavedShare": .number(savedShare),
            "cpuSavedShareOfNodeEstimate": .number(savedShareOfNode),
        ])
    }
}
