package import DNSWire
import Glibc

/// The files that say how names are looked up, and what takes the place of a part of them.
///
/// A file that cannot be read counts as empty, as in glibc: the server is then this machine's own, 127.0.0.1.
package struct ResolverFiles: Sendable {
    /// Identifies a state of the files by the device, inode, size and modification time of each. A replaced file has
    /// another inode; a modified one has another time or size.
    package struct Stamp: Sendable, Equatable {
        fileprivate struct File: Sendable, Equatable {
            var device: UInt64
            var inode: UInt64
            var size: Int
            var seconds: Int
            var nanoseconds: Int
        }

        fileprivate var resolvConf: File?
        fileprivate var hosts: File?

        /// How much there is to read.
        var bytes: Int { (resolvConf?.size ?? 0) + (hosts?.size ?? 0) }
    }

    package var resolvConf = "/etc/resolv.conf"
    package var hosts = "/etc/hosts"
    /// Asked in place of those of the file; empty: the file's are.
    package var servers: [DNSServerAddress] = []
    /// The port of the file's servers, which has no word for it. Tests have another.
    package var port = DNSServerAddress.standardPort
    package var usesSearchList = true

    package init(resolvConf: String = "/etc/resolv.conf", hosts: String = "/etc/hosts") {
        self.resolvConf = resolvConf
        self.hosts = hosts
    }

    package func stamp() -> Stamp { Stamp(resolvConf: Self.stamp(of: resolvConf), hosts: Self.stamp(of: hosts)) }

    package func read() -> ResolverConfiguration {
        var configuration = ResolverConfiguration(resolvConf: Self.text(of: resolvConf), hosts: Self.text(of: hosts))
        for index in configuration.servers.indices { configuration.servers[index].port = port }
        if !servers.isEmpty { configuration.servers = servers }
        if !usesSearchList { configuration.search = [] }
        return configuration
    }

    private static func stamp(of path: String) -> Stamp.File? {
        var status = Glibc.stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp.File(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int(status.st_size),
            seconds: Int(status.st_mtim.tv_sec), nanoseconds: Int(status.st_mtim.tv_nsec))
    }

    /// No more than this is read of one file.
    private static let maximumFileBytes = 64 << 20

    private static func text(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < maximumFileBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
