package import PoolModel

/// Everything that a diagnosis of the process may rest on.
package struct ProcessEvidence: Sendable {
    package var process: ProcessSnapshot
    package var queriesPerSecond: Double?
    package var requestsPerSecond: Double?
    /// Nil: it is not known.
    package var dnsCacheIsOn: Bool?
    package var certainty: Certainties
    /// New connections of a watched process; nil: it is our own agent, or they are not known.
    package var watchedConnectionsPerSecond: Double?

    package init(
        process: ProcessSnapshot, queriesPerSecond: Double?, requestsPerSecond: Double?, dnsCacheIsOn: Bool?,
        certainty: Certainties, watchedConnectionsPerSecond: Double? = nil
    ) {
        self.process = process
        self.queriesPerSecond = queriesPerSecond
        self.requestsPerSecond = requestsPerSecond
        self.dnsCacheIsOn = dnsCacheIsOn
        self.certainty = certainty
        self.watchedConnectionsPerSecond = watchedConnectionsPerSecond
    }

    /// The most pressing first.
    package func findings() -> [Diagnosis] {
        let rules: [Rule<ProcessEvidence>] = [
            Rule(descriptors), Rule(lookupsPerConnection, restsOn: .dns, .connections),
            Rule(lookupsPerRequest, restsOn: .dns, .requests),
        ]
        return rules.compactMap { rule in
            rule.finding(self, certainty).map { finding, certainty in
                Diagnosis(hostID: nil, host: "", level: finding.level, cause: finding.cause, certainty: certainty)
            }
        }
    }
}

/// Close to the limit of file descriptors.
@Sendable private func descriptors(_ evidence: ProcessEvidence) -> Finding? {
    guard let open = evidence.process.openDescriptors, let limit = evidence.process.descriptorLimit, limit > 0,
        Double(open) >= Double(limit) * 0.8
    else { return nil }
    return Finding(.bad, .descriptors(open: open, limit: limit))
}

/// As good as every new connection of a watched process asks DNS.
@Sendable private func lookupsPerConnection(_ evidence: ProcessEvidence) -> Finding? {
    guard let lookups = evidence.queriesPerSecond, let opened = evidence.watchedConnectionsPerSecond, opened >= 1,
        lookups / opened >= 0.9
    else { return nil }
    return Finding(.warn, .lookupsPerConnection(perConnection: lookups / opened, perSecond: lookups))
}

/// As good as every request asks DNS.
@Sendable private func lookupsPerRequest(_ evidence: ProcessEvidence) -> Finding? {
    // A watched process looks names up for its connections, and only those are counted.
    guard evidence.watchedConnectionsPerSecond == nil, let queries = evidence.queriesPerSecond,
        let requests = evidence.requestsPerSecond, requests >= 1,
        queries / requests >= 0.2
    else { return nil }
    return Finding(
        .warn,
        .lookupsPerRequest(
            perRequest: queries / requests, perSecond: queries, cacheIsOn: evidence.dnsCacheIsOn ?? true))
}
