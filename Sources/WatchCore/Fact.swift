/// Something that was learnt from the kernel, in the past tense. The shell reads it; `WatchMachine` draws the conclusions.
package enum Fact: Sendable {
    /// Every TCP socket of the namespace that is not in TIME_WAIT, at one time.
    case dumped([SocketRecord])
    /// A socket is gone; its final figures.
    case destroyed(SocketRecord)
    /// The answer to a question that the machine asked (`Question.whoClosed`): true where a TIME_WAIT of this pair exists,
    /// which is kept by the side that closed first.
    case timeWaitFound(SocketPair, Bool)
    /// The owners of sockets by inode, of those processes that were read, and the processes whose files were read. An inode
    /// that no process has is not among them.
    case ownersRead([UInt64: Int], of: Set<Int>)
    /// The processes that had sockets which they had not the time before (`Question.glimpse`).
    case glimpsed([Int: Glimpse])
    /// The processes of the namespace as far as they matter, all of them.
    case processesRead([ProcessFacts])
    /// The namespace's own count of opened connections: `ActiveOpens` less `AttemptFails` of `Tcp` in `/proc/net/snmp`,
    /// because a connect that fails leaves a socket without a remote end, which nothing can count.
    case activeOpensRead(Int)
    /// Sockets in TIME_WAIT by the remote end, where it is known (`WatchMachine.isKnown`), and all of them, as of a dump of
    /// those alone.
    case timeWaitsDumped([Endpoint: Int], inAll: Int)
    /// The kernel dropped messages, because they were not read in time.
    case messagesLost
    /// The owner and the change of state of a socket, from the kernel's trace events.
    case stateTraced(TracedChange)
    /// Names of addresses, as they are known by now. A later fact adds to an earlier one. With port 0 it is the name of the
    /// address, for ports that have none of their own.
    case namesLearnt([Endpoint: String])
    /// Addresses that were in the DNS answer of a name and are not in its latest one. They keep their names.
    case addressesLeft([Endpoint])
}

/// A line of the kernel's trace of changes of state of TCP sockets (`sock:inet_sock_set_state`).
package struct TracedChange: Sendable, Equatable {
    package var pair: SocketPair
    package var old: TCPState
    package var new: TCPState
    /// The process in whose context it happened. Only that of a connect (`closed → synSent`) is the owner for sure.
    package var pid: Int

    package init(pair: SocketPair, old: TCPState, new: TCPState, pid: Int) {
        self.pair = pair
        self.old = old
        self.new = new
        self.pid = pid
    }
}

/// The new sockets of a process. Its files do not tell which of them it opened and which it accepted.
package struct Glimpse: Sendable, Equatable {
    /// Sockets that it had not the time before.
    package var added: Int
    /// The local ports at which it accepts connections.
    package var accepts: Set<UInt16>

    package init(added: Int, accepts: Set<UInt16> = []) {
        self.added = added
        self.accepts = accepts
    }
}

/// One process as `/proc/PID` describes it.
package struct ProcessFacts: Sendable, Equatable {
    package var pid: Int
    package var parent: Int
    /// In clock ticks since the machine began: tells a process from a later one of the same number.
    package var startTicks: UInt64
    /// The command line with spaces, or the name in brackets where it has none.
    package var command: String
    /// The short name (`comm`).
    package var name: String
    package var user: UInt32
    package var userName: String
    /// User and system time, in seconds.
    package var cpuSeconds: Double
    /// False: `/proc/PID/fd` may not be read.
    package var isReadable: Bool
    /// Calls that wrote something since it began; nil: not known, or not asked for.
    package var writes: UInt64?

    package init(
        pid: Int, parent: Int = 1, startTicks: UInt64 = 0, command: String, name: String = "", user: UInt32 = 0,
        userName: String = "", cpuSeconds: Double = 0, isReadable: Bool = true, writes: UInt64? = nil
    ) {
        self.pid = pid
        self.parent = parent
        self.startTicks = startTicks
        self.command = command
        self.name = name
        self.user = user
        self.userName = userName
        self.cpuSeconds = cpuSeconds
        self.isReadable = isReadable
        self.writes = writes
    }
}

/// Something that the machine wants to know.
package enum Question: Sendable, Equatable {
    /// Dump all TCP sockets now, and read the files of these processes.
    case dump(ownersOf: Set<Int>)
    /// Look for new sockets of these processes, without a dump.
    case glimpse(of: Set<Int>)
    /// Is there a TIME_WAIT of this pair? Asked soon after it was destroyed, because the kernel keeps one for a minute.
    case whoClosed(SocketPair)
    /// Read `/proc` for processes.
    case processes
    case activeOpens
    /// Dump sockets in TIME_WAIT alone.
    case timeWaits
}
