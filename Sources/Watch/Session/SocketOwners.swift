import WatchCore

/// Finds the processes that have the sockets of a dump. Reading a thousand open files takes milliseconds, so only sockets
/// that were not found before are looked for, and only as long as there are any. Used by one thread at a time.
final class SocketOwners {
    /// How often a socket was looked for in vain.
    private struct Misses {
        var amongFew = 0
        var amongMany = 0
    }

    private let proc: ProcFiles
    /// True for a socket of the unix family, as far as that can be told. A process has them for its own ends.
    private let isUnix: (UInt64) -> Bool
    private var known: [UInt64: Int] = [:]
    private var misses: [UInt64: Misses] = [:]
    /// The sockets of processes that were glimpsed at, as of the last time.
    private var glimpsed: [Int: FileTable] = [:]

    /// The ports of the listening sockets of the latest dump.
    private var listening: [UInt64: UInt16] = [:]
    /// The ports at which processes accepted connections that were in dumps. A process that is handed its connections does not
    /// have the listening socket itself.
    private var accepted: [Int: Set<UInt16>] = [:]

    private var newcomers: Set<Int> = []
    private static let mostNewcomers = 32

    /// A reading of more processes than this has an interval of its own.
    static let few = 16
    private static let mostGlimpsed = 256
    private static let mostFilesGlimpsed = 256
    /// A socket of another user's process is never found.
    private static let patience = 2

    init(_ proc: ProcFiles, isUnix: @escaping (UInt64) -> Bool = { _ in false }) {
        self.proc = proc
        self.isUnix = isUnix
    }

    /// The processes that have sockets of the latest dump, and those that had new ones in glimpses.
    var owners: Set<Int> { Set(known.values).union(newcomers) }

    /// The sockets that each of these processes has and had not the time before; none where it is looked at first.
    func glimpse(_ processes: Set<Int>) -> [Int: Glimpse] {
        var found: [Int: Glimpse] = [:]
        for process in processes where proc.hasFewSockets(process, most: Self.mostFilesGlimpsed) {
            guard let added = proc.newSockets(of: process, in: &glimpsed[process, default: FileTable()]) else {
                glimpsed[process] = nil
                continue
            }
            let ofNetwork = added.count { !isUnix($0) }
            guard ofNetwork > 0 else { continue }
            let accepts = (accepted[process] ?? []).union((glimpsed[process]?.sockets).map(ports) ?? [])
            found[process] = Glimpse(added: ofNetwork, accepts: accepts)
            if newcomers.count >= Self.mostNewcomers { newcomers.removeAll() }
            newcomers.insert(process)
        }
        if glimpsed.count > Self.mostGlimpsed { glimpsed = glimpsed.filter { processes.contains($0.key) } }
        return found
    }

    private func ports(of sockets: some Sequence<UInt64>) -> [UInt16] { sockets.compactMap { listening[$0] } }

    /// The owners of the sockets of a dump as far as they are known now.
    func find(_ records: [SocketRecord], among processes: [Int]) -> [UInt64: Int] {
        let isFew = processes.count <= Self.few
        var found: [UInt64: Int] = [:]
        var wanted: Set<UInt64> = []
        for record in records where record.inode != 0 && record.state != .listen {
            if let owner = known[record.inode] {
                found[record.inode] = owner
            } else if isWanted(record.inode, isFew) {
                wanted.insert(record.inode)
            }
        }
        for process in processes where !wanted.isEmpty {
            var theirs: [UInt64: Int] = [:]
            _ = proc.addSockets(of: process, to: &theirs)
            for inode in wanted.intersection(theirs.keys) {
                found[inode] = process
                wanted.remove(inode)
            }
        }
        var missed: [UInt64: Misses] = [:]
        for record in records {
            guard var misses = misses[record.inode] ?? (wanted.contains(record.inode) ? Misses() : nil) else {
                continue
            }
            if wanted.contains(record.inode) {
                if isFew { misses.amongFew += 1 } else { misses.amongMany += 1 }
            }
            missed[record.inode] = misses
        }
        (known, misses) = (found, missed)
        noteAccepted(records)
        return found
    }

    private func noteAccepted(_ records: [SocketRecord]) {
        listening.removeAll(keepingCapacity: true)
        for record in records where record.state == .listen { listening[record.inode] = record.pair.local.port }
        let ports = Set(listening.values)
        for record in records where record.state != .listen && ports.contains(record.pair.local.port) {
            guard let owner = known[record.inode] else { continue }
            accepted[owner, default: []].insert(record.pair.local.port)
        }
        if accepted.count > Self.mostGlimpsed { accepted = accepted.filter { glimpsed[$0.key] != nil } }
    }

    private func isWanted(_ inode: UInt64, _ isFew: Bool) -> Bool {
        guard let misses = misses[inode] else { return true }
        return (isFew ? misses.amongFew : misses.amongMany) < Self.patience
    }
}
