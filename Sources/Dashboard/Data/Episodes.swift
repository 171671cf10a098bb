import Diagnosis
import PoolModel

/// Failures of hosts as lines of the event list: one for each cause and time, whose counts go on while it lasts.
struct Episodes: Sendable {
    private struct Key: Hashable {
        var hostID: Int
        var label: String
    }

    private struct Episode {
        /// The number of its line.
        var number: Int
        var lastSeen: Double
        /// The counts when it began.
        var before: HostReference
        var began: Double
    }

    /// The same cause after a shorter pause is the same episode.
    static let pause = 30.0

    private var open: [Key: Episode] = [:]
    /// Hosts that were failing at the last look, and when their recovery was told last.
    private var failing: Set<Int> = []
    private var recovered: [Int: Double] = [:]

    /// A host of the snapshot, with what was found about it.
    struct Subject {
        var host: HostSnapshot
        var findings: HostFindings
        /// Its counts at the beginning of the window that the findings rest on.
        var before: HostReference
        var windowSeconds: Double
    }

    /// Writes down what is new, and brings the counts of what goes on up to date.
    mutating func take(_ subject: Subject, uptime: Double, localSeconds: Double, in log: inout EventLog) {
        let id = subject.host.id
        if let main = subject.findings.main, main.isWorthALine {
            note(main, subject, uptime, localSeconds, &log)
        }
        if subject.findings.isFailing {
            failing.insert(id)
        } else if failing.remove(id) != nil, uptime - (recovered[id] ?? -.infinity) >= Self.pause {
            recovered[id] = uptime
            log.append(
                EventLine(
                    localSeconds: localSeconds, level: .info, hostID: id, text: "\(subject.host.name): answers again"))
        }
    }

    private mutating func note(
        _ main: Diagnosis, _ subject: Subject, _ uptime: Double, _ localSeconds: Double, _ log: inout EventLog
    ) {
        let key = Key(hostID: subject.host.id, label: main.label)
        if var episode = open[key], uptime - episode.lastSeen < Self.pause {
            // Counts change once a second; what is said of now, with every snapshot.
            log.setText(
                of: episode.number, to: since(episode, subject, uptime, main).headline, isBad: main.level == .bad)
            episode.lastSeen = uptime
            open[key] = episode
            return
        }
        let number = log.append(
            EventLine(
                localSeconds: localSeconds, level: .warn, hostID: subject.host.id, text: main.headline,
                isBad: main.level == .bad, isEpisode: true))
        open[key] = Episode(
            number: number, lastSeen: uptime, before: subject.before, began: uptime - subject.windowSeconds)
    }

    /// The same diagnosis with the counts since the episode began.
    private func since(_ episode: Episode, _ subject: Subject, _ uptime: Double, _ main: Diagnosis) -> Diagnosis {
        let gained = HostReference(counts: subject.host).gained(since: episode.before, response: LatencyHistogram())
        let all = HostEvidence(host: subject.host, gained: gained, seconds: uptime - episode.began).findings().all
        return all.first { $0.label == main.label } ?? main
    }
}

extension Diagnosis {
    /// It tells of something that happens to requests, and not of how the pool could be better.
    fileprivate var isWorthALine: Bool {
        switch cause {
        case .name, .dial, .dialPending, .silent, .unanswered, .stuck, .dribble, .slow, .slowBody, .statuses, .failures,
            .strayAnswers, .staleName, .addressesDead, .massClose:
            level <= .warn
        case .addressGone, .unevenLoad, .waiting, .bodyUnread, .surplus, .dialsUnused,
            .ports, .lowReuse, .closesIdle, .goodReuse, .descriptors, .lookupsPerRequest, .timeWait, .retransmits,
            .farAddress, .oneRequestEach, .lookupsPerConnection:
            level == .bad
        }
    }
}
