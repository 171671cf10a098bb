import FoundationEssentials
import KeepAliveAgent
import MetricsText
import PoolModel
import Reporting
import SessionConfig
import Sessions
import Wording

/// The metrics that a process publishes over HTTP, asked for no more than once a second.
///
/// An endpoint that is slow, gone or broken ends nothing: its latest figures stay, with a note, until it answers again.
actor ScrapedEndpoint: SnapshotSource {
    private static let interval = Duration.seconds(1)
    private static let patience = Duration.seconds(5)
    private static let accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"

    private let url: TargetURL
    private let agent = HTTPAgent(settings: AgentSettings())
    private let started = ContinuousClock.now
    private let kernel: KernelSupplement?
    private var metrics: MetricsSource
    private var latest: AgentSnapshot?
    private var asked: ContinuousClock.Instant?

    init(_ url: TargetURL, pid: Int?) throws(CommandLineError) {
        self.url = url
        metrics = MetricsSource(name: url.authority, pid: pid)
        kernel = try pid.map { pid throws(CommandLineError) in try KernelSupplement(pid: pid) }
    }

    /// - Throws: why the first answer is none, or has nothing of connection pools.
    func snapshot(socketsFor: Set<Int>) async throws -> AgentSnapshot {
        let now = ContinuousClock.now
        if let latest, let asked, now - asked < Self.interval { return latest }
        asked = now
        do throws(CommandLineError) {
            var snapshot = try await scraped()
            if metrics.restarts > 0 { snapshot.note(SourceNote(.restarted, count: metrics.restarts)) }
            if metrics.refused > 0 { snapshot.note(SourceNote(.tooMany, count: metrics.refused)) }
            latest = snapshot
            return snapshot
        } catch {
            guard var old = latest else { throw error }
            old.note(SourceNote(.notAnswering, subject: error.message))
            latest = old
            return old
        }
    }

    private func scraped() async throws(CommandLineError) -> AgentSnapshot {
        let text = ExpositionReader.read(try await body())
        guard !Dialect.recognised(in: text.sampleNames).isEmpty else {
            throw CommandLineError(
                .cannotRun,
                "\(url.authority) publishes nothing about HTTP connection pools that pooltop knows: .NET, Micrometer, "
                    + "reactor-netty, OkHttp, undici, Envoy, HAProxy and pooltop itself do")
        }
        var snapshot = metrics.read(
            text, takenAt: Date().timeIntervalSince1970,
            uptimeSeconds: (ContinuousClock.now - started) / .seconds(1))
        // The CPU of a process is all that a request of it costs, where nothing tells the agent's own.
        if !metrics.dialects.contains(.pooltop) { snapshot.process.agentCPUSeconds = snapshot.process.cpuSeconds }
        return await kernel?.completed(snapshot) ?? snapshot
    }

    private func body() async throws(CommandLineError) -> [UInt8] {
        var request = HTTPRequest(method: .get, scheme: url.scheme, authority: url.authority, path: url.path)
        request.headerFields[.accept] = Self.accept
        let status: Int
        let bytes: ByteBuffer
        do throws(AgentError) {
            let response = try await agent.execute(request, options: AgentRequestOptions(timeout: Self.patience))
            status = response.status.code
            bytes = try await response.collect(upTo: ExpositionReader.Limits().bytes)
        } catch {
            throw CommandLineError(.cannotRun, "\(url.authority) gives no metrics: \(error.cause.words)")
        }
        guard status == 200 else { throw CommandLineError(.cannotRun, "\(url.authority)\(url.path) answers \(status)") }
        return Array(bytes.readableBytesView)
    }

    func shutdown() async {
        await agent.shutdown()
        await kernel?.shutdown()
    }
}

extension AgentSnapshot {
    fileprivate mutating func note(_ note: SourceNote) {
        source?.notes.removeAll { $0.label == note.label }
        source?.notes.append(note)
    }
}

/// Metrics that are attached to.
struct Scraped: Observed {
    let plan: AttachPlan
    let url: TargetURL
    let endpoint: ScrapedEndpoint
    let startedAt = Date().timeIntervalSince1970

    var command: String { "attach" }
    var recording: String? { plan.recording }
    var metrics: MetricsAddress? { plan.metrics }
    var snapshots: any SnapshotSource { endpoint }
    var run: RunDescription { RunDescription(plan, attachedTo: url.authority) }

    static func begin(_ plan: AttachPlan, _ url: TargetURL) throws(CommandLineError) -> Scraped {
        Scraped(plan: plan, url: url, endpoint: try ScrapedEndpoint(url, pid: plan.pid))
    }
}
