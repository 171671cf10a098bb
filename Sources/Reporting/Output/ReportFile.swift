import Glibc
import PlainDocuments
package import SessionConfig

/// A report file that appears under its name only when it is complete.
///
/// The bytes are written to a new file in the same folder, readable only by its owner, which is then renamed. A reader
/// never sees an incomplete report, and an earlier report stays until the new one is complete. `OutputPlace` determines
/// the location, and what cannot be replaced.
package struct ReportFile {
    /// The option that named the file, for errors.
    private let option: String
    private let place: OutputPlace
    /// The file being written; nil if the destination is written to directly, or once the file has its final name.
    private var partPath: String?
    private let descriptor: Int32

    /// - Parameters:
    ///   - path: the file's name.
    ///   - option: the option that named it, for error messages.
    /// - Throws: why it cannot be written.
    package init(path: String, option: String = "--output") throws(CommandLineError) {
        self.option = option
        do throws(TextProblem) {
            place = try OutputPlace(path)
            switch place {
            case .file(let path): (descriptor, partPath) = try Self.openPart(of: path)
            case .direct(let path): descriptor = try Self.open(path)
            case .inherited(let number):
                descriptor = fcntl(number, F_DUPFD_CLOEXEC, 3)
                guard descriptor >= 0 else { throw TextProblem("cannot write '\(path)': \(lastError)") }
            }
        } catch {
            throw CommandLineError(.cannotRun, "\(option): \(error.problem)")
        }
    }

    /// Creates a file with an unpredictable name. It must be new, so that another user's file or link is never opened.
    private static func openPart(of path: String) throws(TextProblem) -> (descriptor: Int32, path: String) {
        for _ in 0..<16 {
            let part = "\(path).part-\(String(UInt64.random(in: .min ... .max), radix: 36))"
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
            let descriptor = Glibc.open(part, flags, S_IRUSR | S_IWUSR)
            if descriptor >= 0 { return (descriptor, part) }
            guard errno == EEXIST || errno == EINTR else { break }
        }
        throw TextProblem("cannot write '\(path)': \(lastError)")
    }

    private static func open(_ path: String) throws(TextProblem) -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw TextProblem("cannot write '\(path)': \(lastError)") }
        return descriptor
    }

    package func write(_ text: String) throws(CommandLineError) {
        try Self.write(text, to: descriptor, name: "'\(place.path)'")
    }

    /// Renames the incomplete file, if it is already useful. Writing can continue as before.
    package mutating func appear() throws(CommandLineError) {
        guard let part = partPath else { return }
        guard rename(part, place.path) == 0 else { throw unwritten(lastError) }
        partPath = nil
    }

    /// Moves the report to its place.
    package func finish() throws(CommandLineError) {
        let isWritten = partPath == nil || fsync(descriptor) == 0
        guard isWritten, close(descriptor) == 0, partPath.map({ rename($0, place.path) }) ?? 0 == 0 else {
            let problem = lastError
            if let partPath { unlink(partPath) }
            throw unwritten(problem)
        }
    }

    /// Removes an incomplete report. A file that already has its final name stays.
    package func abandon() {
        close(descriptor)
        if let partPath { unlink(partPath) }
    }

    private func unwritten(_ problem: String) -> CommandLineError {
        CommandLineError(.cannotRun, "\(option): cannot write '\(place.path)': \(problem)")
    }

    /// Writes all bytes, with as many calls as necessary.
    package static func write(_ text: String, to descriptor: Int32, name: String) throws(CommandLineError) {
        var text = text
        let problem = text.withUTF8 { bytes -> CommandLineError? in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN {
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = Glibc.poll(&poll, 1, -1)
                    continue
                }
                guard count > 0 else {
                    let status = errno == EPIPE ? CommandStatus.readerGone : .cannotRun
                    return CommandLineError(status, "cannot write to \(name): \(lastError)")
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return nil
        }
        if let problem { throw problem }
    }
}

/// The destination for a file name given by the user.
///
/// - A regular file, or no file yet: a new file of mode 0600 replaces it. The earlier mode is not preserved, because a
///   report that used to be public may now contain other information.
/// - Standard output or standard error under another name (`/dev/stdout`): the existing descriptor is used, so that
///   `>>` still appends.
/// - A pipe, a terminal, `/dev/null`: written to directly. None is created.
/// - A symbolic link that we or root own: its target is replaced and the link stays. Another user's link is refused,
///   because in a folder that is writable for all it could be used to overwrite our files.
enum OutputPlace: Equatable {
    case file(path: String)
    case direct(path: String)
    case inherited(Int32)

    /// The maximum number of links to follow; Linux has the same limit.
    private static let maxLinks = 40

    init(_ path: String) throws(TextProblem) {
        let target = try Self.followed(path)
        var status = stat()
        guard stat(path, &status) == 0 else {
            self = .file(path: target)
            return
        }
        if status.st_mode & S_IFMT == S_IFDIR { throw TextProblem("'\(path)' is a folder") }
        // A socket cannot be opened by name.
        if let own = [STDOUT_FILENO, STDERR_FILENO].first(where: { Self.isSame($0, status) }) {
            self = .inherited(own)
        } else if status.st_mode & S_IFMT == S_IFREG {
            self = .file(path: target)
        } else {
            self = .direct(path: path)
        }
    }

    var path: String {
        switch self {
        case .file(let path), .direct(let path): path
        case .inherited(let number): number == STDOUT_FILENO ? "/dev/stdout" : "/dev/stderr"
        }
    }

    private static func isSame(_ descriptor: Int32, _ file: stat) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_dev == file.st_dev && status.st_ino == file.st_ino
    }

    /// The path at the end of a chain of links.
    private static func followed(_ path: String) throws(TextProblem) -> String {
        var path = path
        for _ in 0..<maxLinks {
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
            guard status.st_uid == geteuid() || status.st_uid == 0 else {
                throw TextProblem("'\(path)' is a link that another user made; name the file that it leads to")
            }
            var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            let count = readlink(path, &target, target.count - 1)
            guard count > 0 else { throw TextProblem("cannot write '\(path)': \(lastError)") }
            let text = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            path = text.hasPrefix("/") ? text : folder + text
        }
        throw TextProblem("cannot write '\(path)': too many links")
    }
}

/// The system's message for the error of the last call.
private var lastError: String { String(cString: strerror(errno)) }
