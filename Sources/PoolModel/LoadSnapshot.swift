/// The state of the traffic generator.
package struct LoadSnapshot: Sendable, Codable, Equatable {
    /// `open loop` (requests at planned times) or `closed loop` (a fixed number in flight).
    package var isOpenLoop: Bool
    /// The current planned rate over all targets, in requests per second; nil for a closed loop.
    package var targetPerSecond: Double?
    /// Requests kept in flight; nil for an open loop.
    package var concurrency: Int?
    /// `constant` or `poisson`; empty for a closed loop.
    package var arrivals: String
    /// Requests whose planned time has come: `sent` + `missed`.
    package var planned: Int
    /// Requests given to the agent.
    package var sent: Int
    /// Requests that were due while the program was stopped and were therefore not sent.
    package var missed: Int
    /// The periods in which the program was stopped, at most the latest 100.
    package var gaps: [LoadGap]
    /// The periods in which a target that was asked gave no answer, at most the latest 100.
    package var silences: [TargetSilence] = []
    /// The seed for every random choice.
    package var seed: UInt64
    /// True while no request is planned.
    package var paused: Bool
    /// The mix, in the order of the configuration.
    package var targets: [LoadTarget]

    /// One target of the mix.
    package struct LoadTarget: Sendable, Codable, Equatable {
        /// The same value as `HostSnapshot.name`.
        package var name: String
        /// The request's URL.
        package var url: String
        /// The request's method.
        package var method: String
        /// Its relative weight in the mix.
        package var weight: Double
        /// Requests whose planned time has come.
        package var planned: Int
        /// Requests with a complete response; nil in recordings from before this was counted.
        package var succeeded: Int?
        /// Requests without a complete response; nil in recordings from before this was counted.
        package var failed: Int?
        /// The `HostSnapshot.id` of the pool that carries it, which is shared by targets of the same origin; nil in
        /// recordings from before this was written.
        package var hostID: Int?

        package init(
            name: String, url: String, method: String, weight: Double, planned: Int, succeeded: Int? = nil,
            failed: Int? = nil, hostID: Int? = nil
        ) {
            self.name = name
            self.url = url
            self.method = method
            self.weight = weight
            self.planned = planned
            self.succeeded = succeeded
            self.failed = failed
            self.hostID = hostID
        }

        /// Adds the counts of the same target on another loop.
        package mutating func add(_ other: LoadTarget) {
            planned += other.planned
            succeeded = succeeded.flatMap { mine in other.succeeded.map { mine + $0 } }
            failed = failed.flatMap { mine in other.failed.map { mine + $0 } }
        }

        /// True if this host's pool carries the target.
        package func isCarried(by host: HostSnapshot) -> Bool { hostID.map { $0 == host.id } ?? (name == host.name) }
    }

    package init(
        isOpenLoop: Bool, targetPerSecond: Double?, concurrency: Int?, arrivals: String, planned: Int, sent: Int,
        missed: Int = 0, gaps: [LoadGap] = [], seed: UInt64, paused: Bool, targets: [LoadTarget]
    ) {
        self.isOpenLoop = isOpenLoop
        self.targetPerSecond = targetPerSecond
        self.concurrency = concurrency
        self.arrivals = arrivals
        self.planned = planned
        self.sent = sent
        self.missed = missed
        self.gaps = gaps
        self.seed = seed
        self.paused = paused
        self.targets = targets
    }
}

extension LoadSnapshot {
    /// By `HostSnapshot.id`, for hosts that carry targets of more than one name: both names, or two and how many more. The
    /// host itself has the name of the first, which options and reports mean.
    package var sharedNames: [Int: String] {
        var names: [Int: [String]] = [:]
        for target in targets {
            guard let host = target.hostID, names[host]?.contains(target.name) != true else { continue }
            names[host, default: []].append(target.name)
        }
        return names.filter { $0.value.count > 1 }.mapValues { all in
            all.prefix(2).joined(separator: ", ") + (all.count > 2 ? ", +\(all.count - 2)" : "")
        }
    }

    /// Recordings of before there were gaps have none.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        isOpenLoop = try fields.decode(Bool.self, forKey: .isOpenLoop)
        targetPerSecond = try fields.decodeIfPresent(Double.self, forKey: .targetPerSecond)
        concurrency = try fields.decodeIfPresent(Int.self, forKey: .concurrency)
        arrivals = try fields.decode(String.self, forKey: .arrivals)
        planned = try fields.decode(Int.self, forKey: .planned)
        sent = try fields.decode(Int.self, forKey: .sent)
        missed = try fields.decodeIfPresent(Int.self, forKey: .missed) ?? 0
        gaps = try fields.decodeIfPresent([LoadGap].self, forKey: .gaps) ?? []
        silences = try fields.decodeIfPresent([TargetSilence].self, forKey: .silences) ?? []
        seed = try fields.decode(UInt64.self, forKey: .seed)
        paused = try fields.decode(Bool.self, forKey: .paused)
        targets = try fields.decode([LoadTarget].self, forKey: .targets)
    }
}

/// A period in which the generator did not run and so neither sent requests nor read answers. Requests missed in a long
/// one are not sent later, because the burst would only measure itself; those of a short one are sent late.
package struct LoadGap: Sendable, Codable, Equatable {
    /// Why the generator did not run. None of it is the servers' doing.
    package enum Cause: String, Sendable, Codable {
        /// The program or the whole machine stood still (SIGSTOP, ^Z, a debugger, a virtual machine that was paused).
        case stopped
        /// The program was ready to run and got no processor, because others had it.
        case waited
        /// The event loop was busy with something else.
        case busy

        /// The cause of a gap in which the thread waited for a processor and ran for so long.
        package static func of(seconds: Double, waited: Double, ran: Double) -> Cause {
            if waited >= seconds / 2 { return .waited }
            return ran >= seconds / 2 ? .busy : .stopped
        }
    }

    /// When it began, on the same clock as `AgentSnapshot.uptimeSeconds`.
    package var uptimeSeconds: Double
    /// How long it lasted.
    package var seconds: Double
    /// Requests that were due in it. Zero for a closed loop, and if the generator was paused before the stop (^Z), in
    /// which case its plan resumes where it was paused.
    package var missed: Int
    package var cause: Cause

    package static let maxKept = 100

    package init(uptimeSeconds: Double, seconds: Double, missed: Int, cause: Cause = .stopped) {
        self.uptimeSeconds = uptimeSeconds
        self.seconds = seconds
        self.missed = missed
        self.cause = cause
    }

    /// Recordings of before there were causes have none, and newer ones may have others.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        uptimeSeconds = try fields.decode(Double.self, forKey: .uptimeSeconds)
        seconds = try fields.decode(Double.self, forKey: .seconds)
        missed = try fields.decode(Int.self, forKey: .missed)
        cause = try fields.decodeIfPresent(String.self, forKey: .cause).flatMap { Cause(rawValue: $0) } ?? .stopped
    }

    package var endSeconds: Double { uptimeSeconds + seconds }
}

/// A period in which a target that was asked gave no answer, much longer than usual, while this program ran.
package struct TargetSilence: Sendable, Codable, Equatable {
    /// The target's name.
    package var name: String
    /// When it was first asked after its last answer, on the same clock as `AgentSnapshot.uptimeSeconds`.
    package var uptimeSeconds: Double
    /// From then to its next answer, or to now; a multiple of about a tenth.
    package var seconds: Double

    package static let maxKept = 100

    package init(name: String, uptimeSeconds: Double, seconds: Double) {
        self.name = name
        self.uptimeSeconds = uptimeSeconds
        self.seconds = seconds
    }

    package var endSeconds: Double { uptimeSeconds + seconds }
}

extension [LoadGap] {
    /// A stop affects every loop of a program at once, so overlapping gaps are merged.
    package mutating func merge(_ others: [LoadGap]) {
        for other in others {
            guard
                let index = firstIndex(where: {
                    $0.uptimeSeconds < other.endSeconds && other.uptimeSeconds < $0.endSeconds
                })
            else {
                append(other)
                continue
            }
            let end = Swift.max(self[index].endSeconds, other.endSeconds)
            self[index].uptimeSeconds = Swift.min(self[index].uptimeSeconds, other.uptimeSeconds)
            self[index].seconds = end - self[index].uptimeSeconds
            self[index].missed += other.missed
        }
        sort { $0.uptimeSeconds < $1.uptimeSeconds }
    }
}
