import DNSWire
import Downstream
import HTTP1
import KeepAliveAgent
import NIOCore
import NIOPosix
import NIOSSL
import PlainDocuments
import PoolModel
import Prober
import Reporting
import SessionConfig
import Sessions

/// One `pooltop probe`: all targets in parallel, and a report in the given order.
struct ProbeRun: Sendable {
    let plan: ProbePlan
    var makeSignals: @Sendable () -> EndSignals = { EndSignals() }
    var channels = ReportChannels.standard()

    private static let progressInterval = Duration.milliseconds(500)

    func execute() async throws {
        // Opens the output first, so that no probe starts if its report cannot be written.
        let output = try ReportOutput(path: plan.outputFile, channels: channels)
        do {
            let text = try await report()
            try output.write(text)
        } catch {
            output.abandon()
            throw error
        }
        try output.finish()
    }

    private func report() async throws -> String {
        try ProcessFigures.requireDescriptors(loops: 1)
        let signals = makeSignals()
        let fleet =
            plan.session.usesBundledDownstreams ? try await DownstreamFleet.start(seed: plan.session.seed) : nil
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let results = try await probe(fleet, on: group.next(), signals)
            try await group.shutdownGracefully()
            try await fleet?.shutdown()
            return ProbeReport(results: results, isSingle: plan.session.targets.count == 1).text(json: plan.json)
        } catch {
            try await group.shutdownGracefully()
            try await fleet?.shutdown()
            throw error
        }
    }

    private func probe(
        _ fleet: DownstreamFleet?, on loop: any EventLoop, _ signals: EndSignals
    ) async throws -> [ProbeResult] {
        let targets = fleet.map { BundledMix.targets(of: $0, plan.session.bundled) } ?? plan.session.targets
        let prepared = try PreparedTraffic(plan: plan.session, targets: targets, fleet: fleet)
        let resolver = try await ProbeResolver(
            prepared.dns.resolver, limit: plan.session.settings.dnsTimeout, on: loop)
        let progress = ProbeProgress(names: targets.map { PlainText.clean($0.name) })
        let tls = try TLSFiles.configuration(plan.session.tls, extraAuthority: fleet?.certificateAuthorityPEM)
        let probers = try prepared.requests.enumerated().map { index, request in
            try prober(request, prepared, tls, resolver, loop) { progress.report($0, of: index) }
        }
        let work = Task { await Self.all(probers) }
        let helpers = [
            Task { [stream = signals.stream] in
                for await _ in stream { work.cancel() }
            },
            Task { await draw(progress) },
        ]
        let seen = await work.value
        for helper in helpers { helper.cancel() }
        await helpers[1].value
        withExtendedLifetime(signals) {}
        try await resolver.close()
        return zip(targets, seen).map { target, seen in
            ProbeResult(
                method: target.method, name: target.name, url: target.url, tlsWeakness: TLSWeakness(plan.session.tls),
                requestBound: plan.requests, seen: seen)
        }
    }

    private static func all(_ probers: [Prober]) async -> [ProbeObservations] {
        let sampled = await concurrentMap(probers) { await $0.sample() }
        return await concurrentMap(Array(zip(probers, sampled))) { await $0.0.examine($0.1) }
    }

    /// The results in the order of the items.
    private static func concurrentMap<Item: Sendable, Value: Sendable>(
        _ items: [Item], _ operation: @escaping @Sendable (Item) async -> Value
    ) async -> [Value] {
        await withTaskGroup(of: (Int, Value).self) { group in
            for (index, item) in items.enumerated() { group.addTask { (index, await operation(item)) } }
            var results: [(index: Int, value: Value)] = []
            for await (index, value) in group { results.append((index, value)) }
            return results.sorted { $0.index < $1.index }.map(\.value)
        }
    }

    private func prober(
        _ request: TrafficRequest, _ prepared: PreparedTraffic, _ tls: TLSConfiguration, _ resolver: ProbeResolver,
        _ loop: any EventLoop, _ report: @escaping @Sendable (ProbeStep) -> Void
    ) throws -> Prober {
        let settings = plan.session.settings
        let host = prepared.hosts[request.host].description
        let url = request.target.url
        var offers: [TLSIdentity?] = [nil, nil]
        if url.isTLS {
            offers = try [["http/1.1"], ["h2", "http/1.1"]].map { protocols in
                var configuration = tls
                configuration.applicationProtocols = protocols
                return TLSIdentity(try TLSContext(configuration), host: url.host)
            }
        }
        return Prober(
            location: host.location, port: url.port, request: request.bytes, requestLimit: settings.requestTimeout,
            maxWait: plan.maxWait, requestBound: plan.requests,
            dialer: ProbeDialer(loop: loop, tls: offers[0], limit: settings.connectTimeout), alpnOffer: offers[1],
            resolver: resolver, report: report)
    }

    /// Draws the progress line until the task is cancelled, and removes it then.
    private func draw(_ progress: ProbeProgress) async {
        var notes = StatusLine(channels, drawsLine: !plan.isQuiet)
        let mark = TLSWeakness(plan.session.tls).mark
        while true {
            do { try await Task.sleep(for: Self.progressInterval) } catch { break }
            notes.draw(mark + progress.text(now: .now))
        }
        notes.end()
    }
}
