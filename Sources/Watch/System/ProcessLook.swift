import Glibc
package import WatchCore

/// Reads of one process all that needs no question to it. Used by one thread at a time.
package struct ProcessLook {
    package let pid: Int
    private let files: ProcFiles

    /// - Throws: that `/proc` cannot be read.
    package init(_ pid: Int) throws(WatchError) {
        self.pid = pid
        files = try ProcFiles()
    }

    /// nil: there is no such process.
    package var facts: ProcessFacts? { files.process(pid) }
    package var status: ProcessStatus? { files.read("\(pid)/status").flatMap { ProcessStatus($0) } }

    /// True: it is in another network namespace than we are, as in a container; nil: it may not be known.
    package var isInAnotherNetwork: Bool? {
        guard let own = files.networkNamespace(of: "self"), let its = files.networkNamespace(of: "\(pid)") else {
            return nil
        }
        return own != its
    }

    /// The arguments, as they were given.
    package var arguments: [String] {
        (files.readWhole("\(pid)/cmdline") ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// True: the program's file contains these bytes; nil: it cannot be read.
    package func executable(contains mark: String) -> Bool? {
        let file = open("/proc/\(pid)/exe", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_size > 0 else { return nil }
        let length = Int(status.st_size)
        guard let start = mmap(nil, length, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else { return nil }
        defer { munmap(start, length) }
        return Self.contains(UnsafeRawBufferPointer(start: start, count: length), Array(mark.utf8))
    }

    private static func contains(_ bytes: UnsafeRawBufferPointer, _ mark: [UInt8]) -> Bool {
        guard let first = mark.first, var place = bytes.baseAddress else { return false }
        let end = place + bytes.count
        while end - place >= mark.count, let found = memchr(place, CInt(first), end - place - mark.count + 1) {
            if memcmp(found, mark, mark.count) == 0 { return true }
            place = UnsafeRawPointer(found) + 1
        }
        return false
    }

    /// The TCP endpoints of our network namespace that somebody listens on, with the process's own marked; a listener of another
    /// user has no known owner.
    package func listeners() -> [(endpoint: Endpoint, isIts: Bool)] {
        var owners: [UInt64: Int] = [:]
        _ = files.addSockets(of: pid, to: &owners)
        return ["self/net/tcp", "self/net/tcp6"].flatMap { name in
            SocketTable.sockets(files.readWhole(name) ?? []).filter { $0.state == .listen }
                .map { (endpoint: $0.pair.local, isIts: owners[$0.inode] == pid) }
        }
    }
}
