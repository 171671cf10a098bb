import Glibc
import SessionConfig

/// Reads a file of any length line by line, from any readable source.
struct LineReader: ~Copyable {
    /// A longer line is refused.
    static let mostBytes = 16 << 20
    private let path: String
    private let descriptor: Int32
    private var rest: [UInt8] = []
    private var scanned = 0
    private var isAtEnd = false

    init(path: String) throws(CommandLineError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(path) }
    }

    deinit { close(descriptor) }

    /// A line without its terminator. `isWhole` is false for the last line of a file if it has no terminator. Nil after
    /// the last line.
    mutating func next() throws(CommandLineError) -> (bytes: [UInt8], isWhole: Bool)? {
        while true {
            if let end = endOfLine(from: scanned) {
                let line = Array(rest[..<end])
                rest.removeSubrange(...end)
                scanned = 0
                return (line, true)
            }
            scanned = rest.count
            if isAtEnd {
                guard !rest.isEmpty else { return nil }
                defer { (rest, scanned) = ([], 0) }
                return (rest, false)
            }
            guard rest.count <= Self.mostBytes else {
                throw CommandLineError(.cannotRun, "'\(path)': a line is longer than \(Self.mostBytes >> 20) MiB")
            }
            try fill()
        }
    }

    private func endOfLine(from start: Int) -> Int? {
        rest.withUnsafeBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress,
                let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private mutating func fill() throws(CommandLineError) {
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.unreadable(path) }
            isAtEnd = count == 0
            rest += chunk[..<count]
            return
        }
    }

    private static func unreadable(_ path: String) -> CommandLineError {
        let problem = String(cString: strerror(errno))
        return CommandLineError(.cannotRun, "cannot read '\(path)': \(problem)")
    }
}
