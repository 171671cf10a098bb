import Glibc
package import PlainDocuments

/// Reads whole files that a person named.
package enum FileText {
    /// More than any request body has a use for.
    package static let most = 64 << 20

    /// `-` is standard input.
    package static func bytes(of path: String, most: Int = FileText.most) throws(TextProblem) -> [UInt8] {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TextProblem("cannot read '\(path)': \(lastError)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw TextProblem("cannot read '\(path)': \(lastError)") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= most else { throw TextProblem("'\(path)' is larger than \(most >> 20) MiB") }
        }
    }

    /// nil where the file can be read.
    static func whyUnreadable(_ path: String) -> String? { access(path, R_OK) == 0 ? nil : lastError }

    private static var lastError: String { String(cString: strerror(errno)) }
}
