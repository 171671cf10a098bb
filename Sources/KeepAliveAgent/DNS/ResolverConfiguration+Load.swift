package import DNSWire
import Glibc

extension ResolverConfiguration {
    /// The system's configuration. A file that cannot be read counts as empty, as in glibc: the server is then this
    /// machine's own, 127.0.0.1.
    package static func system(
        resolvConf: String = "/etc/resolv.conf", hosts: String = "/etc/hosts"
    ) -> ResolverConfiguration {
        ResolverConfiguration(resolvConf: text(of: resolvConf), hosts: text(of: hosts))
    }

    /// No more than this is read of one file.
    private static let maximumFileBytes = 64 << 20

    private static func text(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < maximumFileBytes {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
