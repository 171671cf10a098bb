import PoolModel

// Answers: none, late, or no good.

/// So large a share of failures is likely that users notice.
private let badShare = 0.05

/// Nothing comes from a host that has requests to answer.
@Sendable func silence(_ evidence: HostEvidence) -> Finding? {
    let ages = evidence.host.inFlightAges ?? []
    let inBody = ages.reduce(0) { $0 + $1.inBody }
    // Heads may come where no body gets on, and one may have come later than the last byte of a body.
    let longest = evidence.silence.map { max($0, evidence.bodySilence ?? 0) }
    guard let seconds = longest ?? evidence.bodySilence else { return nil }
    return Finding(
        .bad,
        .silent(
            Silence(
                seconds: seconds, requests: evidence.silence == nil ? inBody : evidence.inFlight, inBody: inBody,
                queued: evidence.total.queued.value ?? 0, isFirst: evidence.usualSeconds == nil)))
}

/// Every request of the window was given up without an answer, as at the end of a run.
@Sendable func unanswered(_ evidence: HostEvidence) -> Finding? {
    guard let cancelled = evidence.window.cancelled.value, cancelled > 0, evidence.window.succeeded.value == 0,
        evidence.window.failed.value == 0, evidence.seconds >= 2, evidence.open > 0 || evidence.answeredDials
    else { return nil }
    let heads = evidence.knows(.latency) ? evidence.gained.latency.firstByte.count : 0
    // Requests that got no connection could not get a head either.
    let asked = evidence.window.exchanges.value ?? cancelled
    return Finding(.bad, .unanswered(requests: cancelled, inBody: heads > 0 && heads * 2 > min(asked, cancelled)))
}

/// Some requests hang while the host answers others, or their bodies hardly arrive.
@Sendable func stuck(_ evidence: HostEvidence) -> Finding? {
    guard !evidence.isSilent, let ages = evidence.host.inFlightAges else { return nil }
    let patience = max(5, 4 * (evidence.usualSeconds ?? 0))
    let old = ages.filter { $0.atLeastSeconds >= patience }
    guard let oldest = old.last?.atLeastSeconds else { return nil }
    let (requests, inBody) = (old.requests, old.reduce(0) { $0 + $1.inBody })
    // A host that answers nothing else, or whose connections are held for the most part, fails its users.
    let isStarved = evidence.answered == 0 && (evidence.window.started.value ?? 0) > 0
    let level: Level = isStarved || evidence.maxSockets.map { requests * 2 >= $0 } ?? false ? .bad : .warn
    return inBody * 2 > requests
        ? Finding(level, .dribble(requests: requests, oldestSeconds: oldest))
        : Finding(level, .stuck(requests: requests, oldestSeconds: oldest, inBody: inBody))
}

/// Answers take about a second or more. Of those that take a second on average the quick ones come first, so that their
/// mean is less to begin with.
@Sendable func slow(_ evidence: HostEvidence) -> Finding? {
    guard !evidence.isSilent, let mean = evidence.service, mean >= 0.75, evidence.answered >= 3 else {
        return nil
    }
    if let first = evidence.firstByte, first < mean / 4 {
        return Finding(.warn, .slowBody(meanSeconds: mean, firstByteSeconds: first))
    }
    let usual = evidence.medianEver.flatMap { $0 * 2 < mean ? $0 : nil }
    return Finding(.warn, .slow(meanSeconds: mean, usualSeconds: usual))
}

/// The server answers that it cannot serve.
@Sendable func serverErrors(_ evidence: HostEvidence) -> Finding? { statuses(5, evidence) }

/// The server answers that the request is wrong. A few of them are part of many an interface.
@Sendable func clientErrors(_ evidence: HostEvidence) -> Finding? { statuses(4, evidence) }

private func statuses(_ kind: Int, _ evidence: HostEvidence) -> Finding? {
    guard let counts = evidence.window.statuses.value else { return nil }
    let ofKind = counts.filter { $0.key / 100 == kind }
    let count = ofKind.values.reduce(0, +)
    guard count > 0 else { return nil }
    let share = Share(count, of: counts.values.reduce(0, +))
    let codes = ofKind.map { StatusTrouble.Code(code: $0.key, count: $0.value) }
        .sorted { ($0.count, -$0.code) > ($1.count, -$1.code) }
    let level: Level
    if kind == 5 || codes[0].code == 429 {
        level = share.likelyLeast >= badShare ? .bad : .warn
    } else {
        if share.likelyLeast < 0.01 { return nil }
        level =
            share.likelyLeast >= 0.5 || share.count == share.of ? .bad : share.likelyLeast >= badShare ? .warn : .hint
    }
    return Finding(
        level,
        .statuses(
            StatusTrouble(
                kind: kind, code: codes[0].code, count: codes[0].count, others: Array(codes.dropFirst()), share: share,
                medianSeconds: evidence.knows(.latency)
                    ? evidence.gained.latency.response.seconds(atPercentile: 50) : nil,
                windowSeconds: evidence.seconds)))
}

/// Requests fail on connections that were made.
@Sendable func failures(_ evidence: HostEvidence) -> Finding? {
    guard let errors = evidence.window.errors.value else { return nil }
    let counted = errors.nonZero.filter { cause, _ in
        switch cause {
        case .cancelled, .shutdown: false
        // `waiting` says why.
        case .queueFull, .queueTimeout: false
        case .dnsNotFound, .dnsTimeout, .dnsFailure, .connectRefused, .connectTimeout, .connectUnreachable,
            .addressNotAvailable, .tooManyOpenFiles, .tlsHandshakeFailed, .tlsCertificateInvalid, .unixSocketMissing:
            evidence.dialCause == nil
        case .requestTimeout, .firstByteTimeout, .peerClosed, .peerReset, .incompleteBody, .framingError,
            .bodyTooLarge, .invalidRequest:
            true
        }
    }
    guard let most = counted.max(by: { $0.count < $1.count }) else { return nil }
    let share = Share(counted.reduce(0) { $0 + $1.count }, of: evidence.ended)
    // A few lost in the race with the server's close of an idle connection: `closesIdle` says why.
    if share.likelyLeast < badShare, most.key.mayBeRaceWithClose, closesIdle(evidence)?.level == .warn { return nil }
    return Finding(
        share.likelyLeast >= badShare ? .bad : .warn,
        .failures(most.key, Share(most.count, of: evidence.ended)))
}

/// Bytes that nobody asked for may be another's answer: any at all is one too many.
@Sendable func strayAnswers(_ evidence: HostEvidence) -> Finding? {
    guard let count = evidence.total.closedByReason.value?[.unsolicitedBytes], count > 0 else { return nil }
    return Finding(.bad, .strayAnswers(count))
}
