/// The origin of a snapshot that is not of our own agent, and the limits of its view.
public struct SourceSnapshot: Sendable, Codable, Equatable {
    /// The kind of source. Raw values are names in JSON.
    public enum Kind: String, Codable, Sendable {
        /// The agent of this program.
        case agent
        /// The kernel's view of a process.
        case watch
        /// An agent in another process.
        case attach
        /// An endpoint for metrics.
        case metrics
        /// A time-series database.
        case fleet
        /// A recording.
        case replay
    }

    /// The processes that figures are about. Raw values are names in JSON.
    public enum Scope: String, Codable, Sendable {
        /// One process, or several that were chosen, with their descendants.
        case process
        /// Every process of the network namespace.
        case namespace
        /// Every instance of a service.
        case fleet
    }

    /// The kind.
    public var kind: Kind
    /// The command line of the process, or another name that a person knows it by. Not safe to print.
    public var name: String
    /// The process that was chosen; nil: none, or several.
    public var pid: Int?
    /// The processes that figures are about.
    public var scope: Scope
    /// The limits of its view.
    public var notes: [SourceNote]
    /// The kernel's own count beside ours; nil: it was not asked.
    public var kernel: KernelCount?
    /// The processes with outbound TCP connections, the most new connections first; nil: they were not listed.
    public var processes: [ProcessRow]?

    package init(
        kind: Kind, name: String, pid: Int? = nil, scope: Scope = .process, notes: [SourceNote] = [],
        kernel: KernelCount? = nil, processes: [ProcessRow]? = nil
    ) {
        self.kind = kind
        self.name = name
        self.pid = pid
        self.scope = scope
        self.notes = notes
        self.kernel = kernel
        self.processes = processes
    }
}

/// The kernel's count of opened connections, which comes by another way than the figures of the source.
public struct KernelCount: Sendable, Codable, Equatable {
    /// Connections that the namespace opened since the source began (`ActiveOpens` of `/proc/net/snmp`).
    public var opened: Int
    /// Connections that the source saw, whoever opened them.
    public var seen: Int
    /// False: they differ by more than what the edges of the time between can explain.
    public var agrees: Bool
    /// The processes that both counts are about.
    public var scope: SourceSnapshot.Scope

    package init(opened: Int, seen: Int, agrees: Bool, scope: SourceSnapshot.Scope = .namespace) {
        self.opened = opened
        self.seen = seen
        self.agrees = agrees
        self.scope = scope
    }
}

/// One limit of a source's view. Raw values of labels are stable.
public struct SourceNote: Sendable, Codable, Equatable {
    /// The kind of limit.
    public enum Label: String, Codable, Sendable {
        /// Open files of this process cannot be read: another user owns it.
        case unreadable
        /// Connections of short life are divided among processes by the shares of those whose owner was seen.
        case sharesEstimated
        /// The kernel tells nothing about sockets that are gone.
        case noDestroyEvents
        /// The kernel adds no figures of TCP to sockets.
        case noTCPInfo
        /// Messages of the kernel were lost, and the count was put right from the kernel's own.
        case messagesLost
        /// Requests cannot be counted on connections to this host, which look like HTTP/2.
        case notCountable
        /// The process has ended.
        case processEnded
        /// Only the tables of another namespace could be read, which have no figures per connection.
        case namespaceTables
        /// Sockets are dumped less often, because there are many.
        case dumpsSlowed
        /// The owner and the closing side come from the kernel's trace events, exactly.
        case traced
        /// The endpoint did not answer the latest question for its metrics, or not with metrics.
        case notAnswering
        /// The process began anew: its counts go on from what they were.
        case restarted
        /// Hosts or series that are too many to be kept.
        case tooMany
        /// A label of a newer version.
        case unknown
    }

    /// The kind of limit.
    public var label: Label
    /// How many times, sockets or messages; nil: not counted.
    public var count: Int?
    /// The process, host or user concerned; nil: all. Not safe to print.
    public var subject: String?

    package init(_ label: Label, count: Int? = nil, subject: String? = nil) {
        self.label = label
        self.count = count
        self.subject = subject
    }

    /// A label of a newer version is read as `unknown`.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        label = Label(rawValue: try fields.decode(String.self, forKey: .label)) ?? .unknown
        count = try fields.decodeIfPresent(Int.self, forKey: .count)
        subject = try fields.decodeIfPresent(String.self, forKey: .subject)
    }
}

/// One process with outbound TCP connections, or the sockets of a user whose processes cannot be read. Totals are since
/// the source began.
public struct ProcessRow: Sendable, Codable, Equatable {
    /// nil: sockets whose process is not known.
    public var pid: Int?
    /// The command line. Not safe to print.
    public var command: String
    /// The user's name, or the number where it has none. Not safe to print.
    public var user: String
    /// Hosts with a connection now or since the source began.
    public var hosts: Int
    /// Connections open now.
    public var open: Int
    /// Connections opened.
    public var opened: Int
    /// Connections closed.
    public var closed: Int
    /// Closed connections that the peer ended.
    public var closedByPeer: Int
    /// Closed connections that the process ended. Neither side is known of the rest.
    public var closedByUs: Int
    /// Requests.
    public var requests: Int
    /// The certainty of `requests`.
    public var requestsCertainty: Certainty
    /// The certainty of `opened` and `closed`: an estimate where short connections were divided by shares.
    public var connectionsCertainty: Certainty
    /// UDP sockets to port 53 that ended; nil: not known.
    public var lookups: Int?
    /// CPU time of the process, user and system, in seconds since it began; nil: not known.
    public var cpuSeconds: Double?
    /// True: it has ended.
    public var hasEnded: Bool
    /// False: its open files cannot be read, so its connections are known by the user only.
    public var isReadable: Bool

    package init(
        pid: Int?, command: String, user: String, hosts: Int = 0, open: Int = 0, opened: Int = 0, closed: Int = 0,
        closedByPeer: Int = 0, closedByUs: Int = 0, requests: Int = 0, requestsCertainty: Certainty = .estimate,
        connectionsCertainty: Certainty = .exact, lookups: Int? = nil, cpuSeconds: Double? = nil,
        hasEnded: Bool = false, isReadable: Bool = true
    ) {
        self.pid = pid
        self.command = command
        self.user = user
        self.hosts = hosts
        self.open = open
        self.opened = opened
        self.closed = closed
        self.closedByPeer = closedByPeer
        self.closedByUs = closedByUs
        self.requests = requests
        self.requestsCertainty = requestsCertainty
        self.connectionsCertainty = connectionsCertainty
        self.lookups = lookups
        self.cpuSeconds = cpuSeconds
        self.hasEnded = hasEnded
        self.isReadable = isReadable
    }
}

/// Figures of a host that only the kernel knows. Times are in seconds; nil: not known.
public struct KernelFigures: Sendable, Codable, Equatable {
    /// Sockets to the host in TIME_WAIT now.
    public var timeWait: Int?
    /// The mean round-trip time over the open connections.
    public var roundTripSeconds: Double?
    /// Segments sent again since the source began.
    public var retransmits: Int?
    /// The median time since the last byte, of the idle connections that the peer closed lately.
    public var idleAgeAtDeathSeconds: Double?
    /// How many of those there were.
    public var deaths: Int
    /// The median age of connections that were closed lately.
    public var connectionAgeSeconds: Double?

    package init(
        timeWait: Int? = nil, roundTripSeconds: Double? = nil, retransmits: Int? = nil,
        idleAgeAtDeathSeconds: Double? = nil, deaths: Int = 0, connectionAgeSeconds: Double? = nil
    ) {
        self.timeWait = timeWait
        self.roundTripSeconds = roundTripSeconds
        self.retransmits = retransmits
        self.idleAgeAtDeathSeconds = idleAgeAtDeathSeconds
        self.deaths = deaths
        self.connectionAgeSeconds = connectionAgeSeconds
    }
}
