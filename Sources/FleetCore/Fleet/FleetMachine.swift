import MetricsText

/// The state of a fleet, made of the answers of a Prometheus. It asks nothing itself and reads no clock: it says which
/// questions come next, and is told the answers and the time.
///
/// A round has four steps, and each is asked when the one before has been answered:
/// 1. the names of metrics that are there, which say the dialects; they are kept for a minute;
/// 2. the instances that are there, and how long ago each was seen;
/// 3. for a job that is new, the times of some samples, so that a window has four scrapes; where each host is wanted, how
///    many there are;
/// 4. the figures, all of one moment on Prometheus's own clock.
///
/// A question without an answer leaves its figure unknown and is listed as a problem. If step 2 fails, everything stays as
/// it was and grows old. An instance that is missing in an answer is gone, and its figures are unknown and not zero: a
/// rate goes on for a whole window after its process has ended.
package struct FleetMachine: Sendable {
    package let settings: FleetSettings
    /// The instances whose hosts the next rounds ask for.
    package var detail = FleetDetail.none
    /// Answers that came for no open question.
    package private(set) var lateAnswers = 0
    package private(set) var round = 0

    enum Step {
        case names, presence, scrapes, measures, over
    }

    /// An instance that was there at some time of the last hour.
    struct KnownInstance: Sendable {
        var labels: [MetricSample.Label]
        var dialects: Set<Dialect>
        /// By our clock.
        var lastSeenAt: Double
        /// In the last answer that said it.
        var isPresent: Bool
    }

    private(set) var step = Step.over
    private var pending: Set<FleetRequest.Question> = []
    /// The answers of this round.
    var answers = RoundAnswers()
    var names: Set<String> = []
    private var namesAt: Double?
    var instances: [InstanceID: KnownInstance] = [:]
    /// The interval of scrapes by job, and how often it was asked for in vain.
    var intervals: [String: Double] = [:]
    var intervalsTried: [String: Int] = [:]
    /// Dialects whose past instances are known.
    var pastKnown: Set<Dialect> = []
    /// Labels whose past values were asked for.
    var pastLabels: Set<String> = []
    var marks: LabelMarks
    /// Instances that the limit left out in the last round.
    var refused: Set<InstanceID> = []
    /// The figures of the last round that ended well.
    var measured: MeasuredFleet?
    /// The problems of the last round that ended.
    var problems: [FleetProblem] = []

    /// Names are asked for again after this time.
    private static let namesSeconds = 60.0

    package init(settings: FleetSettings) {
        self.settings = settings
        marks = LabelMarks(label: settings.groupLabel)
    }

    /// True if no question of this round is open.
    package var isRoundOver: Bool { step == .over }

    /// Begins a round, and gives up one that is not over.
    package mutating func begin(at now: Double) -> [FleetRequest] {
        round += 1
        answers = RoundAnswers()
        let isKnown = namesAt.map { now - $0 < Self.namesSeconds && now >= $0 } ?? false
        step = isKnown && !names.isEmpty ? .presence : .names
        return ask(at: now)
    }

    /// Takes an answer.
    /// - Returns: the questions that come next; none as long as others are open, and when the round is over.
    package mutating func receive(
        _ answer: Result<PrometheusAnswer, PrometheusFailure>, to request: FleetRequest, at now: Double
    ) -> [FleetRequest] {
        guard request.round == round, pending.remove(request.question) != nil else {
            lateAnswers += 1
            return []
        }
        switch answer {
        case .success(let answer): take(answer, to: request.question, at: now)
        case .failure(let failure): fail(failure, request.question)
        }
        guard pending.isEmpty else { return [] }
        endStep(at: now)
        return ask(at: now)
    }

    /// The questions of this step, or of the first step after it that has any.
    private mutating func ask(at now: Double) -> [FleetRequest] {
        while step != .over {
            let requests = requests(at: now)
            if !requests.isEmpty {
                pending = Set(requests.map(\.question))
                return requests
            }
            endStep(at: now)
        }
        return []
    }

    private mutating func endStep(at now: Double) {
        switch step {
        case .names:
            if answers.namesAreKnown { namesAt = now }
            step = names.isEmpty ? .over : .presence
        case .presence:
            // Without knowing which instances are ours, nobody is known to be one of .NET.
            if candidates.contains(.pooltop), answers.presence[.pooltop] == nil { answers.presence[.dotnet] = nil }
            // Without any answer, nobody is known to be gone or there, so nothing changes.
            guard answers.isPresenceKnown else {
                step = .over
                break
            }
            applyPresence(at: now)
            step = .scrapes
        case .scrapes:
            if let hosts = answers.hostCount, hosts > settings.limits.hosts {
                answers.note(.tooManyHosts(hosts, limit: settings.limits.hosts))
            }
            step = .measures
        case .measures:
            measure(at: now)
            step = .over
        case .over: break
        }
        if step == .over {
            problems = answers.problems(names.isEmpty && answers.namesAreKnown, windowSeconds > settings.windowSeconds)
        }
    }

    /// Long enough for four scrapes of the slowest job that is there.
    var windowSeconds: Double {
        max(settings.windowSeconds, FleetQueries.minScrapes * (slowestInterval ?? 0))
    }

    var slowestInterval: Double? {
        Set(instances.filter(\.value.isPresent).map(\.key.job)).compactMap { intervals[$0] }.max()
    }

    var queries: FleetQueries {
        var queries = FleetQueries(selector: settings.selector, names: names, windowSeconds: windowSeconds)
        // The names of .NET are ours, too, so a question about them would be about all of ours.
        let present = instances.filter(\.value.isPresent)
        if present.contains(where: { $0.value.dialects.contains(.pooltop) }) {
            queries.jobs[.dotnet] = Set(present.filter { $0.value.dialects.contains(.dotnet) }.map(\.key.job))
        }
        return queries
    }
}
