import Glibc

/// A report that appears under its name only when it is complete.
///
/// The bytes go to a file beside it, which takes its place in one step; a reader never sees half a report, and an
/// earlier one stays until there is a new one. What is no regular file — a pipe, `/dev/null` — is written directly.
struct ReportFile {
    /// That named the file, for errors.
    private let option: String
    private let path: String
    /// The file being written; the same as `path` where that is no regular file, or once it has its place.
    private var partPath: String
    private let descriptor: Int32

    /// - Parameters:
    ///   - path: its name.
    ///   - option: the option that named it, for what goes wrong.
    /// - Throws: why it cannot be written.
    init(path: String, option: String = "--output") throws(CommandLineError) {
        self.option = option
        // Replacing a symbolic link would cut it off from its file.
        self.path = Self.resolved(path)
        var status = stat()
        let exists = stat(self.path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR {
            throw CommandLineError(.cannotRun, "\(option): '\(path)' is a folder")
        }
        let isSpecial = exists && status.st_mode & S_IFMT != S_IFREG
        partPath = isSpecial ? self.path : "\(self.path).part-\(getpid())"
        let mode = exists && !isSpecial ? status.st_mode & 0o777 : 0o666
        descriptor = open(partPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw CommandLineError(.cannotRun, "\(option): cannot write '\(path)': \(Self.lastError)")
        }
    }

    func write(_ text: String) throws(CommandLineError) {
        try Self.write(text, to: descriptor, name: "'\(path)'")
    }

    /// Puts what there is so far in its place, for a file that is of use before it is complete. It can be written to as
    /// before.
    mutating func appear() throws(CommandLineError) {
        guard partPath != path else { return }
        guard rename(partPath, path) == 0 else {
            throw CommandLineError(.cannotRun, "\(option): cannot write '\(path)': \(Self.lastError)")
        }
        partPath = path
    }

    /// Puts the report in its place.
    func finish() throws(CommandLineError) {
        let isWritten = partPath == path || fsync(descriptor) == 0
        guard isWritten, close(descriptor) == 0, partPath == path || rename(partPath, path) == 0 else {
            let problem = Self.lastError
            if partPath != path { unlink(partPath) }
            throw CommandLineError(.cannotRun, "\(option): cannot write '\(path)': \(problem)")
        }
    }

    /// Leaves no trace of a report that will never be complete. What has its place already stays.
    func abandon() {
        close(descriptor)
        if partPath != path { unlink(partPath) }
    }

    /// Writes all of it, however many calls that takes.
    static func write(_ text: String, to descriptor: Int32, name: String) throws(CommandLineError) {
        var text = text
        let problem = text.withUTF8 { bytes -> String? in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN {
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = Glibc.poll(&poll, 1, -1)
                    continue
                }
                guard count > 0 else { return lastError }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return nil
        }
        if let problem { throw CommandLineError(.cannotRun, "cannot write to \(name): \(problem)") }
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}
