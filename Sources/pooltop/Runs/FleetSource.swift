import FleetCore
import FoundationEssentials
import KeepAliveAgent
import PlainDocuments
import Reporting
import SessionConfig
import Wording

/// Asks a Prometheus what the machine wants to know, over one agent of ours: a few questions at once, each bounded in time and
/// size.
struct FleetSource: Sendable {
    private static let patience = Duration.seconds(10)

    let plan: FleetPlan
    private let agent: HTTPAgent

    init(_ plan: FleetPlan) {
        self.plan = plan
        var settings = AgentSettings()
        settings.maxSocketsPerHost = 4
        agent = HTTPAgent(settings: settings)
    }

    /// Begins with the settings that were asked for.
    /// - Throws: that a selector or a label is none.
    func machine(isForScreen: Bool = false) throws(CommandLineError) -> FleetMachine {
        var settings = FleetSettings()
        settings.windowSeconds = plan.window.asSeconds
        settings.percentiles = [.p50, .p95, .p99]
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
        machine.detail = isForScreen ? .none : .all
        return machine
    }

    /// One round of questions, to its end.
    func round(_ machine: inout FleetMachine) async -> Fleet {
        var open = machine.begin(at: Self.now)
        while !open.isEmpty {
            let answers = await answers(to: open)
            open = []
            for (request, answer) in answers { open += machine.receive(answer, to: request, at: Self.now) }
        }
        return machine.fleet(at: Self.now)
    }

    /// The answers to everything that a history asks; nil: there was nothing to ask.
    func answered(_ history: FleetHistory?) async -> FleetHistory? {
        guard var history else { return nil }
        for (request, answer) in await answers(to: history.requests) { history.receive(answer, to: request) }
        return history
    }

    /// The answers in the order in which they come.
    private func answers(
        to requests: [FleetRequest]
    ) async -> [(FleetRequest, Result<PrometheusAnswer, PrometheusFailure>)] {
        await withTaskGroup(of: (FleetRequest, Result<PrometheusAnswer, PrometheusFailure>).self) { group in
            for request in requests { group.addTask { (request, await answer(to: request)) } }
            var answers: [(FleetRequest, Result<PrometheusAnswer, PrometheusFailure>)] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
    }

    static var now: Double { Date().timeIntervalSince1970 }

    func answer(to request: FleetRequest) async -> Result<PrometheusAnswer, PrometheusFailure> {
        let limits = PrometheusReader.Limits()
        let base = plan.url.path.hasSuffix("/") ? plan.url.path : plan.url.path + "/"
        let path = base + request.path
        var question = HTTPRequest(
            method: request.mayBePosted ? .post : .get, scheme: plan.url.scheme, authority: plan.url.authority,
            path: request.mayBePosted ? path : "\(path)?\(request.form)")
        question.headerFields[.accept] = "application/json"
        if let authorization = plan.authorization { question.headerFields[.authorization] = authorization }
        if request.mayBePosted { question.headerFields[.contentType] = "application/x-www-form-urlencoded" }
        let options = AgentRequestOptions(timeout: Self.patience)
        do throws(AgentError) {
            let response =
                request.mayBePosted
                ? try await agent.execute(question, body: .bytes(ByteBuffer(string: request.form)), options: options)
                : try await agent.execute(question, options: options)
            let body = try await response.collect(upTo: limits.bytes + 1)
            let bytes = Array(body.readableBytesView)
            do throws(PrometheusFailure) {
                return .success(try PrometheusReader.read(bytes[...], status: response.status.code, limits: limits))
            } catch {
                return .failure(error)
            }
        } catch {
            return .failure(.unreachable(error.cause.words))
        }
    }

    func shutdown() async { await agent.shutdown() }
}
