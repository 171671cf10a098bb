/// The fields of `/proc/PID/stat` that matter here (proc_pid_stat(5)).
package struct ProcessStat: Sendable, Equatable {
    package var pid: Int
    /// The short name, which may contain spaces and parentheses.
    package var name: String
    package var parent: Int
    /// A thread of the kernel, which has no program.
    package var isKernelThread: Bool
    /// It has ended, but its parent has not noticed yet.
    package var isZombie: Bool
    /// User and system time, in clock ticks.
    package var cpuTicks: UInt64
    /// In clock ticks since the machine began.
    package var startTicks: UInt64

    /// PF_KTHREAD of `include/linux/sched.h`.
    private static let kernelThread: UInt64 = 0x0020_0000

    package init?(_ bytes: some Collection<UInt8>) {
        let bytes = ProcBytes(bytes)
        // The name is the only field that can contain a parenthesis.
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")), let close = bytes.lastIndex(of: UInt8(ascii: ")")),
            open < close, let pid = bytes[..<open].words.first?.number(Int.self)
        else { return nil }
        // The first of these is field 3 of the manual.
        let fields = (bytes[(close + 1)...].lines.first ?? []).words
        guard fields.count > 19, let parent = fields[1].number(Int.self), let flags = fields[6].number(UInt64.self),
            let user = fields[11].number(UInt64.self), let system = fields[12].number(UInt64.self),
            let start = fields[19].number(UInt64.self)
        else { return nil }
        self.pid = pid
        name = bytes[(open + 1)..<close].text
        self.parent = parent
        isKernelThread = flags & Self.kernelThread != 0
        isZombie = fields[0].elementsEqual([UInt8(ascii: "Z")]) || fields[0].elementsEqual([UInt8(ascii: "X")])
        cpuTicks = user &+ system
        startTicks = start
    }
}

/// The fields of `/proc/PID/status` that matter here (proc_pid_status(5)).
package struct ProcessStatus: Sendable, Equatable {
    /// The process that a thread belongs to.
    package var process: Int
    /// The effective user.
    package var user: UInt32
    /// A bit for each signal with a handler, the lowest for signal 1; nil: the kernel does not say.
    package var caughtSignals: UInt64?
    /// The process's own number in the innermost PID namespace that it is in; nil: the kernel does not say.
    package var innermostID: Int?

    package init?(_ bytes: some Collection<UInt8>) {
        var process: Int?
        var user: UInt32?
        for line in ProcBytes(bytes).lines {
            if let rest = line.after("Tgid:") { process = rest.words.first?.number(Int.self) }
            if let rest = line.after("Uid:") { user = rest.words.dropFirst().first?.number(UInt32.self) }
            if let rest = line.after("SigCgt:") { caughtSignals = rest.words.first?.number(UInt64.self, radix: 16) }
            if let rest = line.after("NSpid:") { innermostID = rest.words.last?.number(Int.self) }
        }
        guard let process, let user else { return nil }
        self.process = process
        self.user = user
    }

    /// True: the process handles this signal itself; false: it is ended by it, or ignores it.
    package func catches(_ signal: Int) -> Bool? {
        guard let caughtSignals, (1...64).contains(signal) else { return nil }
        return caughtSignals & (1 << UInt64(signal - 1)) != 0
    }
}

/// `/proc/PID/cmdline`.
package enum CommandLineText {
    /// Longer ones are cut: no screen shows more.
    package static let limit = 4096

    /// The arguments with spaces between them; nil where there are none, as of a thread of the kernel.
    package static func text(_ bytes: some Collection<UInt8>) -> String? {
        var bytes = Array(bytes.prefix(limit))
        // A program that sets a title of its own pads it with zeros.
        while let last = bytes.last, last == 0 || last == UInt8(ascii: " ") { bytes.removeLast() }
        guard !bytes.isEmpty else { return nil }
        return bytes.map { $0 == 0 ? UInt8(ascii: " ") : $0 }[...].text
    }
}

/// Reads `/proc/PID/io`, which its user and root may read.
package enum ProcessIO {
    /// The calls that wrote something (`syscw`); nil: the kernel does not count them.
    package static func writes(_ bytes: ProcBytes) -> UInt64? {
        for line in bytes.lines {
            if let rest = line.after("syscw:") { return rest.words.first?.number(UInt64.self) }
        }
        return nil
    }
}
