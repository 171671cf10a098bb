import CLinux
import Glibc
import WatchCore

/// Reads `/proc`. It remembers the part of a process that seldom changes. Used by one thread at a time.
final class ProcFiles {
    private struct Known {
        var startTicks: UInt64
        var name: String
        var command: String
        var user: UInt32
        var isReadable: Bool
        var cpuTicks: UInt64 = 0
        /// CPU time between the two latest looks, in clock ticks.
        var recentTicks: UInt64 = 0
        /// Sockets at the latest look.
        var sockets = 0
    }

    /// From here on not all are read each time: one takes some ten microseconds.
    private let many: Int

    private let root: CInt
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var links = [UInt8](repeating: 0, count: 1 << 16)
    private var known: [Int: Known] = [:]
    private var latest: [Int: ProcessFacts] = [:]
    private var rounds = 0
    private var userNames: [UInt32: String] = [:]
    private let ticksPerSecond = Double(max(1, sysconf(CInt(_SC_CLK_TCK))))

    init(many: Int = 32) throws(WatchError) {
        self.many = many
        root = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw WatchError("/proc cannot be read: \(SystemCall.reason(errno))") }
        userNames = read("/etc/passwd").map { UserNames.parse($0) } ?? [:]
    }

    deinit { close(root) }

    /// A file below `/proc`, or of an absolute path, up to the size of the buffer; nil: it cannot be read.
    func read(_ path: String) -> ArraySlice<UInt8>? {
        let descriptor = openat(root, path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var count = 0
        while count < buffer.count {
            let room = buffer.count - count
            let length = buffer.withUnsafeMutableBytes { pread($0, descriptor, room, count) }
            if length < 0, errno == EINTR { continue }
            guard length >= 0 else { return nil }
            guard length > 0 else { break }
            count += length
        }
        return buffer[..<count]
    }

    /// A file of any size.
    func readWhole(_ path: String) -> ArraySlice<UInt8>? {
        while let bytes = read(path) {
            guard bytes.count == buffer.count, buffer.count < 1 << 28 else { return bytes }
            buffer = [UInt8](repeating: 0, count: buffer.count * 4)
        }
        return nil
    }

    // MARK: Processes

    /// All processes but threads of the kernel and those that have ended. Where there are many, a quarter of them is read
    /// each time, besides new ones and those of `always`; the others are as they were.
    func processes(always: Set<Int> = []) -> [ProcessFacts] {
        var pids: [Int] = []
        let descriptor = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        forEachEntry(of: descriptor) { name in
            if let pid = Self.number(name) { pids.append(pid) }
        }
        close(descriptor)
        rounds += 1
        let facts = pids.compactMap { pid in
            let isDue = pids.count <= many || always.contains(pid) || (pid + rounds) % 4 == 0
            return isDue ? process(pid, withWrites: always.contains(pid)) : latest[pid] ?? process(pid)
        }
        if pids.count > many { latest = Dictionary(facts.map { ($0.pid, $0) }) { $1 } }
        if known.count > facts.count * 2 + 64 {
            let living = Set(pids)
            known = known.filter { living.contains($0.key) }
        }
        return facts
    }

    /// One process; nil: it does not exist, or not any more, or is one of the kernel.
    func process(_ pid: Int, withWrites: Bool = false) -> ProcessFacts? {
        guard let stat = read("\(pid)/stat").flatMap({ ProcessStat($0) }), !stat.isKernelThread, !stat.isZombie else {
            known[pid] = nil
            return nil
        }
        guard var lasting = lasting(stat) else { return nil }
        lasting.recentTicks = stat.cpuTicks >= lasting.cpuTicks ? stat.cpuTicks - lasting.cpuTicks : 0
        lasting.cpuTicks = stat.cpuTicks
        known[pid] = lasting
        return ProcessFacts(
            pid: pid, parent: stat.parent, startTicks: stat.startTicks, command: lasting.command, name: stat.name,
            user: lasting.user, userName: userNames[lasting.user] ?? "\(lasting.user)",
            cpuSeconds: Double(stat.cpuTicks) / ticksPerSecond, isReadable: lasting.isReadable,
            writes: withWrites ? read("\(pid)/io").flatMap { ProcessIO.writes($0) } : nil)
    }

    /// A process that executes another program is the same process, but nearly always has another short name.
    private func lasting(_ stat: ProcessStat) -> Known? {
        if let known = known[stat.pid], known.startTicks == stat.startTicks, known.name == stat.name { return known }
        guard let status = read("\(stat.pid)/status").flatMap({ ProcessStatus($0) }) else { return nil }
        let command = read("\(stat.pid)/cmdline").flatMap { CommandLineText.text($0) } ?? "[\(stat.name)]"
        let files = openat(root, "\(stat.pid)/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if files >= 0 { close(files) }
        return Known(
            startTicks: stat.startTicks, name: stat.name, command: command, user: status.user, isReadable: files >= 0)
    }

    /// The process that a thread belongs to; nil: it has ended.
    func process(ofThread thread: Int) -> Int? {
        read("\(thread)/status").flatMap { ProcessStatus($0) }?.process
    }

    /// Names the network namespace of a process; nil: it may not be known.
    func networkNamespace(of pid: String) -> String? {
        let count = readlinkat(root, "\(pid)/ns/net", &links, links.count)
        return count > 0 ? String(decoding: links[..<count], as: UTF8.self) : nil
    }

    // MARK: Open sockets

    /// The processes that used most CPU time lately come first: a connection of short life is found only at once, and it is a busy
    /// process that makes many.
    func busiestFirst(_ processes: Set<Int>) -> [Int] {
        guard processes.count > 1 else { return Array(processes) }
        return processes.map { (pid: $0, ticks: known[$0]?.recentTicks ?? 0) }
            .sorted { ($1.ticks, $0.pid) < ($0.ticks, $1.pid) }
            .map(\.pid)
    }

    /// True where the files of a process are read in no time.
    func hasFewSockets(_ pid: Int, most: Int) -> Bool { known[pid].map { $0.sockets < most } ?? true }

    /// Adds the sockets that a process has open, by inode. False: its files cannot be read.
    func addSockets(of pid: Int, to owners: inout [UInt64: Int]) -> Bool {
        let descriptor = openat(root, "\(pid)/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var count = 0
        defer { known[pid]?.sockets = count }
        forEachEntry(of: descriptor) { name in
            if let inode = Self.socket(descriptor, name) {
                owners[inode] = pid
                count += 1
            }
        }
        return true
    }

    /// Looks at the files of a process, and returns the sockets that were not there at the look before; nil: its files cannot be
    /// read.
    func newSockets(of pid: Int, in table: inout FileTable) -> [UInt64]? {
        let descriptor = openat(root, "\(pid)/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var added: [UInt64] = []
        let isFirst = !table.isKnown
        table.begin()
        forEachEntry(of: descriptor) { name in
            guard let number = Self.number(name), table.isDue(number) else { return }
            let inode = Self.socket(descriptor, name) ?? 0
            if table.note(number, inode: inode) && !isFirst { added.append(inode) }
        }
        table.end()
        return added
    }

    /// The inode of an open file that is a socket.
    private static func socket(_ directory: CInt, _ name: UnsafePointer<CChar>) -> UInt64? {
        // Longer links are not of sockets.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { link in
            guard let start = link.baseAddress else { return nil }
            let length = readlinkat(directory, name, start, link.count)
            guard length > 0, length < link.count else { return nil }
            return SocketLink.inode(UnsafeRawBufferPointer(start: start, count: length).bytes)
        }
    }

    /// Calls `body` with the name of each entry (`struct linux_dirent64` of getdents(2)).
    private func forEachEntry(of descriptor: CInt, _ body: (UnsafePointer<CChar>) -> Void) {
        links.withUnsafeMutableBytes { bytes in
            while true {
                let count = pt_directory_read(descriptor, bytes.baseAddress, bytes.count)
                guard count > 0 else { return }
                var start = 0
                while start + 19 < count {
                    let length = Int(bytes.loadUnaligned(fromByteOffset: start + 16, as: UInt16.self))
                    guard length > 19, let name = bytes.baseAddress?.advanced(by: start + 19) else { return }
                    body(name.assumingMemoryBound(to: CChar.self))
                    start += length
                }
            }
        }
    }

    private static func number(_ name: UnsafePointer<CChar>) -> Int? {
        var value = 0
        var next = name
        while next.pointee != 0 {
            let digit = Int(next.pointee) - 48
            guard (0...9).contains(digit), value < 1 << 40 else { return nil }
            value = value * 10 + digit
            next += 1
        }
        return next == name ? nil : value
    }
}

/// `pread` of the C library, out of the way of methods of the same name.
private func pread(_ bytes: UnsafeMutableRawBufferPointer, _ descriptor: CInt, _ count: Int, _ offset: Int) -> Int {
    Glibc.pread(descriptor, bytes.baseAddress?.advanced(by: offset), count, off_t(offset))
}
