package import AgentCore
import DNSWire
package import Downstream
package import HTTP1
package import KeepAliveAgent
import NIOCore
import NIOSSL
import PlainDocuments
package import PoolModel
package import SessionConfig
package import Traffic

/// One origin of the plan: a pool of connections.
package struct TrafficHost: Sendable {
    /// Without the host's own settings, because each loop has its own share of them.
    package var description: HostDescription
    package var overrides: SettingOverrides
    package var tls: TLSIdentity?
    package var authority: String
    /// The names of the targets that share the host; the pool is named after the first.
    var targetNames: [String]

    package func isNamed(_ text: String) -> Bool {
        targetNames.contains(text) || text == authority || text == description.origin
    }

    /// The description for one loop's agent.
    package func description(for share: Share) -> HostDescription {
        var description = description
        if !overrides.isEmpty { description.adjustments = [overrides.adjustment(for: share)] }
        return description
    }
}

extension SettingOverrides {
    /// The change from one loop's share of the settings for all hosts to its share of this host's settings.
    func adjustment(for share: Share) -> SettingsAdjustment {
        { [self] settings in
            settings = applied(to: settings)
            for entry in entries { share.divide(&settings, only: entry.setting) }
        }
    }
}

/// One serialised request of the mix, and the host that it goes to.
package struct TrafficRequest: Sendable {
    package var host: Int
    package var target: TargetPlan
    package var bytes: RequestBytes
    /// nil for the host's timeout.
    package var timeout: Nanoseconds?
}

/// A plan prepared for any number of workers: origins, request bytes, TLS, DNS. Prepared once and shared by all
/// workers.
package struct PreparedTraffic: Sendable {
    package let plan: SessionPlan
    package private(set) var hosts: [TrafficHost] = []
    package private(set) var requests: [TrafficRequest] = []
    package let dns: NameService.Configuration

    package init(plan: SessionPlan, targets: [TargetPlan], fleet: DownstreamFleet?) throws {
        self.plan = plan
        dns = try Self.dns(plan, fleet)
        let configuration = try TLSFiles.configuration(plan.tls, extraAuthority: fleet?.certificateAuthorityPEM)
        let tls = targets.contains(where: \.url.isTLS) ? try TLSContext(configuration) : nil
        var known: [String: Int] = [:]
        for target in targets {
            let key = target.url.origin + "|" + (target.unixSocket ?? "")
            if let index = known[key] {
                hosts[index].targetNames.append(target.name)
            } else {
                known[key] = hosts.count
                hosts.append(Self.host(target, plan, tls))
            }
            requests.append(TrafficRequest(host: known[key] ?? 0, target: target, bytes: try Self.bytes(target)))
        }
        assignTimeouts()
    }

    /// A time limit belongs to the pool, so that it can be changed at run time. If the targets of a pool have different
    /// limits, each request carries its own instead.
    private mutating func assignTimeouts() {
        for host in hosts.indices {
            let own = requests.indices.filter { requests[$0].host == host }
            let limits = own.map { requests[$0].target.overrides[.requestTimeout] }
            guard limits.contains(where: { $0 != limits[0] }) else { continue }
            hosts[host].overrides[.requestTimeout] = nil
            for index in own {
                guard case .duration(let limit) = requests[index].target.overrides[.requestTimeout] else { continue }
                requests[index].timeout = limit?.clampedNanoseconds ?? .max
            }
        }
    }

    /// Starts the downstreams if the plan names no targets, and prepares the traffic. `scenarios`: those to start; nil for all
    /// of the plan's set.
    static func withDownstreams(
        _ plan: SessionPlan, scenarios: [Scenario]? = nil
    ) async throws -> (fleet: DownstreamFleet?, prepared: PreparedTraffic) {
        let fleet =
            plan.usesBundledDownstreams
            ? try await DownstreamFleet.start(scenarios ?? plan.bundled.scenarios, seed: plan.seed) : nil
        let targets = fleet.map { BundledMix.targets(of: $0, plan.bundled) } ?? plan.targets
        return (fleet, try PreparedTraffic(plan: plan, targets: targets, fleet: fleet))
    }

    private static func dns(_ plan: SessionPlan, _ fleet: DownstreamFleet?) throws -> NameService.Configuration {
        var files = ResolverFiles()
        if let server = plan.dns.server?.text ?? fleet?.dnsAddress {
            guard let server = DNSServerAddress(server) else { throw SessionError.badDNSServer(server) }
            files.servers = [server]
            files.usesSearchList = fleet == nil
        }
        return NameService.Configuration(files: files)
    }

    private static func host(_ target: TargetPlan, _ plan: SessionPlan, _ tls: TLSContext?) -> TrafficHost {
        let url = target.url
        let literal = IPAddress(url.host)
        let location: HostDescription.Location =
            if let path = target.unixSocket {
                .addresses([.unix(path: path)])
            } else if let override = plan.dns.overrides.first(where: { $0.matches(host: url.host, port: url.port) }) {
                .addresses(
                    override.addresses.compactMap { address in
                        IPAddress(address.address).map { .ip($0, port: address.port ?? url.port) }
                    })
            } else if let literal {
                .addresses([.ip(literal, port: url.port)])
            } else {
                .name(url.host)
            }
        var keepAlive: KeepAlivePolicy?
        if case .keepAlive(let policy) = target.overrides[.keepAlive] { keepAlive = policy }
        return TrafficHost(
            description: HostDescription(
                name: target.name, origin: url.origin, isTLS: url.isTLS, port: url.port, location: location,
                keepAlive: keepAlive),
            overrides: target.overrides,
            tls: url.isTLS ? tls.map { TLSIdentity($0, host: url.host) } : nil,
            authority: url.authority, targetNames: [target.name])
    }

    private static func bytes(_ target: TargetPlan) throws -> RequestBytes {
        let url = target.url
        let hasBody = !target.body.isEmpty || ["POST", "PUT", "PATCH"].contains(target.method)
        do {
            return try RequestBytes(
                method: target.method, target: url.path, host: url.hostField, fields: target.sentFields,
                body: hasBody ? .bytes(target.body) : .none)
        } catch {
            throw SessionError.badRequest("\(target.name): \(error.sentence)")
        }
    }

    // MARK: For one worker

    package func settings(for share: Share) -> AgentSettings {
        var settings = plan.settings
        share.divide(&settings)
        return settings
    }

    package func targets(for agent: LoopAgent, _ share: Share) -> [TrafficTarget] {
        let ids = hosts.map { agent.addHost($0.description(for: share), tls: $0.tls) }
        return requests.map { request in
            TrafficTarget(
                name: request.target.name, url: request.target.url.shown, methodName: request.target.method,
                weight: request.target.weight,
                template: RequestTemplate(
                    host: ids[request.host], method: agent.method(request.target.method),
                    methodName: request.target.method, bytes: request.bytes, timeout: request.timeout))
        }
    }

    package func shape(for share: Share) -> LoadShape {
        let part = 1 / Double(share.of)
        switch plan.load.shape {
        case .rate(let perSecond, let arrivals):
            return .openLoop([.steady(perSecond * part)], arrivals)
        case .steps(let steps, let arrivals):
            var converted = steps.map {
                RateStep(duration: $0.duration, from: $0.from * part, to: $0.to * part)
            }
            if plan.load.warmUp > .zero, let first = converted.first {
                converted.insert(
                    RateStep(duration: plan.load.warmUp, from: first.from, to: first.from), at: 0)
            }
            return .openLoop(converted, arrivals)
        case .concurrency(let count):
            return .closedLoop(share.part(of: plan.share?.part(of: count) ?? count))
        }
    }
}

/// Why a session could not be created. Each description says what to do.
enum SessionError: Error, CustomStringConvertible {
    case badDNSServer(String)
    case badRequest(String)
    case badFile(option: String, path: String, problem: String)

    var description: String {
        switch self {
        case .badDNSServer(let text): "--dns-server: '\(text)' is not an address"
        case .badRequest(let text): text
        case .badFile(let option, let path, let problem): "\(option): \(path): \(problem)"
        }
    }
}

extension TargetPlan {
    /// The header fields to send, whichever client sends them: the target's own, and those that every request has unless
    /// the target says otherwise.
    var sentFields: [(name: String, value: String)] {
        let own = headers.map { (name: $0.name, value: $0.value) }
        let usual = [(name: "User-Agent", value: "pooltop/\(ProductVersion.current)"), (name: "Accept", value: "*/*")]
        return own + usual.filter { usual in !own.contains { $0.name.lowercased() == usual.name.lowercased() } }
    }
}
