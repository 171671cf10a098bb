import Diagnosis
import FleetCore
import FoundationEssentials
import KeepAliveAgent
import PlainDocuments
import PoolModel
import Reporting
import SessionConfig
import Sessions
import Wording

/// Asks a Prometheus what the machine wants to know, over one agent of ours: a few questions at once, each bounded in time and
/// size.
struct FleetSource: Sendable {
    /// Prometheus evaluates as many of them at once as it has processors for, and keeps others from theirs meanwhile. The
    /// rest wait here, where their time has not begun.
    private static let mostAtOnce = 4

    let plan: FleetPlan
    private let agent: HTTPAgent

    private typealias Answered = (request: FleetRequest, answer: Result<PrometheusAnswer, PrometheusFailure>)

    /// - Throws: that a certificate or a key cannot be read.
    init(_ plan: FleetPlan) throws(CommandLineError) {
        self.plan = plan
        var settings = AgentSettings()
        settings.maxSocketsPerHost = Self.mostAtOnce
        do {
            let tls = try TLSFiles.configuration(plan.tls, extraAuthority: nil)
            agent = HTTPAgent(settings: settings, tls: tls, minimumTLSVersion: tls.minimumTLSVersion)
        } catch {
            throw CommandLineError(.cannotRun, "\(error)")
        }
    }

    /// Begins with the settings that were asked for.
    /// - Throws: that a selector or a label is none.
    func machine() throws(CommandLineError) -> FleetMachine {
        let isForPeople = plan.report.format == .text
        var settings = FleetSettings()
        settings.windowSeconds = plan.window.asSeconds
        settings.percentiles = isForPeople ? FleetReport.percentiles(plan.checks) : [.p50, .p95, .p99]
        settings.isDetailed = !isForPeople
        do throws(TextProblem) {
            if let match = plan.match { settings.selector = try SeriesSelector(match) }
        } catch {
            throw Source.option("--match").error(error.problem, allowed: error.allowed)
        }
        do throws(TextProblem) { try settings.setGroupLabel(plan.groupLabel) } catch {
            throw Source.option("--by").error(error.problem, allowed: error.allowed)
        }
        var machine = FleetMachine(settings: settings)
        // The screen asks for the hosts of one instance when it is opened.
        machine.detail = isForPeople ? .none : .all
        return machine
    }

    /// One round of questions, to its end. `onTheWay` gets what is known so far, about once a second.
    func round(_ machine: inout FleetMachine, onTheWay: (@Sendable (Fleet) -> Void)? = nil) async -> Fleet {
        var told = Self.now
        await ask(machine.begin(at: Self.now)) { answer, request in
            let next = machine.receive(answer, to: request, at: Self.now)
            if let onTheWay, Self.now - told >= 1 {
                onTheWay(machine.fleet(at: Self.now))
                told = Self.now
            }
            return next
        }
        return machine.fleet(at: Self.now)
    }

    /// The answers to everything that a history asks; nil: there was nothing to ask.
    func answered(_ history: FleetHistory?) async -> FleetHistory? {
        guard var history else { return nil }
        await ask(history.requests) { answer, request in
            history.receive(answer, to: request)
            return []
        }
        return history
    }

    /// Asks a few questions at once, and those that answers lead to.
    private func ask(
        _ requests: [FleetRequest],
        receive: (Result<PrometheusAnswer, PrometheusFailure>, FleetRequest) -> [FleetRequest]
    ) async {
        var waiting = requests[...]
        await withTaskGroup(of: Answered.self) { group in
            var open = 0
            while open > 0 || !waiting.isEmpty {
                while open < Self.mostAtOnce, let request = waiting.popFirst() {
                    group.addTask { (request, await answer(to: request)) }
                    open += 1
                }
                guard let (request, answer) = await group.next() else { return }
                open -= 1
                waiting += receive(answer, request)
            }
        }
    }

    static var now: Double { Date().timeIntervalSince1970 }

    func answer(to request: FleetRequest) async -> Result<PrometheusAnswer, PrometheusFailure> {
        let limits = PrometheusReader.Limits()
        let options = AgentRequestOptions(timeout: plan.timeout)
        let (question, body) = question(request)
        do throws(AgentError) {
            let response =
                if let body {
                    try await agent.execute(question, body: .bytes(ByteBuffer(string: body)), options: options)
                } else { try await agent.execute(question, options: options) }
            let body = try await response.collect(upTo: limits.bytes + 1)
            let bytes = Array(body.readableBytesView)
            do throws(PrometheusFailure) {
                return .success(try PrometheusReader.read(bytes[...], status: response.status.code, limits: limits))
            } catch {
                return .failure(error)
            }
        } catch {
            return .failure(failure(error, limits))
        }
    }

    private func question(_ request: FleetRequest) -> (HTTPRequest, body: String?) {
        let base = plan.url.path.hasSuffix("/") ? plan.url.path : plan.url.path + "/"
        let path = base + request.path
        // Prometheus need not go on with what nobody waits for any longer.
        let form = request.form + (request.mayBePosted ? "&timeout=\(plan.timeout.asSeconds)" : "")
        var question = HTTPRequest(
            method: request.mayBePosted ? .post : .get, scheme: plan.url.scheme, authority: plan.url.authority,
            path: request.mayBePosted ? path : "\(path)?\(form)")
        question.headerFields[.accept] = "application/json"
        if let authorization = plan.authorization { question.headerFields[.authorization] = authorization }
        if request.mayBePosted { question.headerFields[.contentType] = "application/x-www-form-urlencoded" }
        return (question, request.mayBePosted ? form : nil)
    }

    private func failure(_ error: AgentError, _ limits: PrometheusReader.Limits) -> PrometheusFailure {
        if error.cause == .requestTimeout || error.cause == .firstByteTimeout {
            return .tooSlow(plan.timeout.asSeconds)
        }
        if error.cause == .bodyTooLarge { return .tooLarge(limit: limits.bytes) }
        if let detail = error.detail { return .unreachable("\(error.cause.words): \(detail)") }
        guard let failure = error.tlsFailure else { return .unreachable(error.cause.words) }
        return .unreachable("\(failure.words): \(failure.remedy)")
    }

    func shutdown() async { await agent.shutdown() }
}
