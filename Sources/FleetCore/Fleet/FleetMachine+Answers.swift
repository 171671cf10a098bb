import MetricsText

/// Taking answers.
extension FleetMachine {
    mutating func take(_ answer: PrometheusAnswer, to question: FleetRequest.Question, at now: Double) {
        for warning in answer.warnings { answers.note(.warning(warning)) }
        if answer.isTruncated { answers.note(.truncated) }
        switch question {
        case .names:
            guard case .names(let found) = answer.result else { return unexpected(question) }
            answers.namesAreKnown = true
            names = Set(found).intersection(FleetMeasure.names)
        case .presence(let dialect):
            guard case .vector(let series) = answer.result else { return unexpected(question) }
            answers.presence[dialect] = RoundAnswers.presence(answer)
            if let time = series.first?.points.first?.time { answers.serverTime = answers.serverTime ?? time }
        case .past(let dialect):
            guard case .vector = answer.result else { return unexpected(question) }
            answers.past[dialect] = RoundAnswers.presence(answer)
        case .scrapes(let id):
            guard case .matrix = answer.result else { return unexpected(question) }
            intervalsTried[id.job, default: 0] += 1
            intervals[id.job] = ScrapeInterval.seconds(answer)
        case .hostCount:
            guard case .vector(let series) = answer.result else { return unexpected(question) }
            let count = series.first?.points.last?.finite ?? 0
            answers.hostCount = (answers.hostCount ?? 0) + Int(min(max(0, count), 1e9))
        case .measure(let measure, let dialect, let scope):
            guard case .vector = answer.result else { return unexpected(question) }
            answers.take(answer, to: measure, of: dialect, scope)
        case .samples: break
        case .values(let label, _):
            guard case .matrix = answer.result, let end = answers.serverTime else { return unexpected(question) }
            pastLabels.insert(label)
            let past = FleetMark.all(in: answer, label: label, clockOffset: now - end)
            marks.add(past: past)
        }
    }

    mutating func fail(_ failure: PrometheusFailure, _ question: FleetRequest.Question) {
        answers.note(.failure(failure))
        if case .scrapes(let id) = question { intervalsTried[id.job, default: 0] += 1 }
    }

    private mutating func unexpected(_ question: FleetRequest.Question) {
        fail(.notPrometheus("another type of result than the question has"), question)
    }

    /// Notes who is there, who is gone and who is new. A dialect without an answer leaves its instances as they were.
    mutating func applyPresence(at now: Double) {
        refused = []
        for (id, known) in instances where known.dialects.allSatisfy({ answers.presence[$0] != nil }) {
            instances[id]?.isPresent = false
        }
        let own = Set((answers.presence[.pooltop] ?? [:]).keys).union((answers.past[.pooltop] ?? [:]).keys)
            .union(instances.filter { $0.value.dialects.contains(.pooltop) }.keys)
        for dialect in Dialect.allCases where answers.presence[dialect] != nil {
            func isOthers(_ id: InstanceID) -> Bool { dialect == .dotnet && own.contains(id) }
            for (id, presence) in (answers.past[dialect] ?? [:]).sorted(by: { $0.key < $1.key }) where !isOthers(id) {
                if instances[id] == nil { see(id, presence, dialect, isPresent: false, at: now) }
            }
            for (id, presence) in (answers.presence[dialect] ?? [:]).sorted(by: { $0.key < $1.key })
            where !isOthers(id) {
                see(id, presence, dialect, isPresent: true, at: now)
            }
        }
        pastKnown.formUnion(Set(answers.past.keys).intersection(answers.presence.keys))
        for (id, known) in instances where known.isPresent {
            // Some exporters write times into their texts, and Prometheus does not know when such a series ends.
            let isPresent = now - known.lastSeenAt <= goneSeconds(id.job)
            instances[id]?.isPresent = isPresent
        }
        instances = instances.filter { $0.value.isPresent || now - $0.value.lastSeenAt <= settings.historySeconds }
        let present = instances.filter(\.value.isPresent).map { (id: $0.key, labels: $0.value.labels) }
        marks.observe(present, at: now)
    }

    /// An instance is gone when so much time has passed without a sample.
    private func goneSeconds(_ job: String) -> Double {
        intervals[job].map { max(FleetQueries.minScrapes * $0, 5) } ?? 300
    }

    private mutating func see(
        _ id: InstanceID, _ presence: RoundAnswers.Presence, _ dialect: Dialect, isPresent: Bool, at now: Double
    ) {
        let lastSeenAt = now - presence.ageSeconds
        guard var known = instances[id] else {
            guard instances.count < settings.limits.instances else {
                refused.insert(id)
                return
            }
            instances[id] = KnownInstance(
                labels: presence.labels, dialects: [dialect], lastSeenAt: lastSeenAt, isPresent: isPresent)
            return
        }
        // The first dialect of a round says the labels, and others add theirs.
        if known.isPresent {
            known.labels += presence.labels.filter { label in !known.labels.contains { $0.name == label.name } }
            known.dialects.insert(dialect)
        } else {
            known.labels = presence.labels
            known.dialects = [dialect]
        }
        known.lastSeenAt = max(known.isPresent ? known.lastSeenAt : 0, lastSeenAt)
        known.isPresent = isPresent
        instances[id] = known
    }
}
