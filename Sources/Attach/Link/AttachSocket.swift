import AttachProtocol
import CLinux
import Glibc
import PlainDocuments

/// A connection to an agent's Unix socket: lines of JSON, one way and the other. Used by one thread at a time.
final class AttachSocket {
    /// A longer line ends the connection, whatever it says.
    static let longestLine = AttachProtocol.longestAgentLine
    private static let patience = 5

    private let descriptor: CInt
    private var received: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)

    /// Connects after checking that nobody else can be behind the socket.
    /// - Throws: why there is no agent, or why it is not trusted.
    init(path: String) throws(AttachError) {
        try Self.check(path)
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw AttachError("no descriptor is left: \(Self.reason(errno))") }
        do throws(AttachError) {
            try connect(path)
            try checkPeer(path)
        } catch {
            close(descriptor)
            throw error
        }
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit { close(descriptor) }

    private static func reason(_ code: CInt) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

    /// The socket and its directory are to be the user's own, and closed to others. Root may look at everybody's.
    private static func check(_ path: String) throws(AttachError) {
        let shown = "'\(PlainText.clean(path))'"
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw AttachError(errno == ENOENT ? "there is no socket \(shown)" : "\(shown): \(reason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw AttachError("\(shown) is not a socket") }
        let user = geteuid()
        guard status.st_uid == user || user == 0 else {
            throw AttachError("\(shown) belongs to another user: run pooltop as that user, or as root")
        }
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        var outside = stat()
        guard lstat(directory.isEmpty ? "/" : directory, &outside) == 0 else {
            throw AttachError("'\(PlainText.clean(directory))': \(reason(errno))")
        }
        guard outside.st_mode & S_IFMT == S_IFDIR, outside.st_uid == status.st_uid, outside.st_mode & 0o077 == 0 else {
            throw AttachError(
                "'\(PlainText.clean(directory))' is open to other users, who could pretend to be the agent: chmod 700 it"
            )
        }
    }

    private func connect(_ path: String) throws(AttachError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { throw AttachError("the path of a socket has at most \(room - 1) bytes") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let words = errno == ECONNREFUSED ? "its process has ended" : Self.reason(errno)
            throw AttachError("'\(PlainText.clean(path))': no agent answers, \(words)")
        }
    }

    /// The process at the other end is to be the user's, too: a socket can be handed over.
    private func checkPeer(_ path: String) throws(AttachError) {
        let peer = pt_peer_user(descriptor)
        let user = geteuid()
        guard peer >= 0, user == 0 || UInt32(peer) == user else {
            throw AttachError("'\(PlainText.clean(path))' is answered by a process of another user")
        }
    }

    /// - Throws: that the agent is gone.
    func write(_ line: JSONValue) throws(AttachError) { try write(raw: Array((line.line + "\n").utf8)) }

    /// - Throws: that the agent is gone.
    func write(raw bytes: [UInt8]) throws(AttachError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.gone(errno) }
            sent += count
        }
    }

    /// The next line. Only bytes that came are looked at again.
    /// - Throws: that the agent is gone or silent, or does not follow the protocol.
    func readLine() throws(AttachError) -> JSONValue {
        var searched = 0
        while true {
            if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeSubrange(...end) }
                do throws(TextProblem) { return try JSONReader.value(of: received[..<end]) } catch {
                    throw AttachError("the agent sent a line that is \(error.problem)")
                }
            }
            searched = received.count
            guard searched <= Self.longestLine else { throw AttachError("the agent sent a line of more than 4 MiB") }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw count == 0 ? Self.gone(0) : Self.gone(errno) }
            received += chunk[..<count]
        }
    }

    private static func gone(_ code: CInt) -> AttachError {
        switch code {
        case EAGAIN:
            AttachError("the agent has not answered for \(patience) seconds: its process is stopped, or very busy")
        case 0, EPIPE, ECONNRESET: AttachError("the agent is gone: its process has ended, or has taken the hook out")
        default: AttachError("the agent is gone: \(reason(code))")
        }
    }
}
