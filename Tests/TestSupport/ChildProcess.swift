import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A program that runs beside a test.
///
/// Foundation's `Process` is not used: it takes a child that closes the descriptors it inherited, as name servers do,
/// for one that has ended, waits for it on the one thread that watches all children, and so misses the end of every
/// other. Here each child has a watcher of its own, an empty signal mask, and no descriptor but its three standard ones:
/// a listener that a child holds open goes on listening when the test closes it.
package final class ChildProcess: Sendable {
    package struct CannotStart: Error, CustomStringConvertible {
        package let path: String
        package let code: Int32
        package var description: String { "\(path): \(String(cString: strerror(code)))" }
    }

    private let id: pid_t
    private let status: AsyncStream<Int32>

    /// Starts the program; what it prints goes to `output`, nowhere where that is nil.
    package init(_ path: String, _ arguments: [String], input: Int32? = nil, output: Int32? = nil) throws {
        id = try Self.spawn(path, arguments, input: input, output: output)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        status = stream
        let id = id
        Thread.detachNewThread {
            var word: Int32 = 0
            while waitpid(id, &word, 0) == -1, errno == EINTR {}
            continuation.yield(word)
            continuation.finish()
        }
    }

    /// Ends it at once and waits until it has ended. Call it once.
    package func end() async {
        kill(id, SIGKILL)
        await hasEnded()
    }

    /// Waits for the end; the status is as `waitpid` gives it. Wait for it once only.
    @discardableResult
    package func hasEnded() async -> Int32 {
        for await word in status { return word }
        return -1
    }

    /// Runs a program to its end: all that it printed, both streams together.
    package static func output(of path: String, _ arguments: [String], input: String = "") async throws -> String {
        // Closed on exec from the first moment on: a child that starts at the same time must not hold the other end.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw CannotStart(path: "socketpair", code: errno)
        }
        let (ours, theirs) = (ends[0], ends[1])
        defer { close(ours) }
        let child: ChildProcess
        do {
            defer { close(theirs) }
            child = try ChildProcess(path, arguments, input: theirs, output: theirs)
        }
        let bytes = await withCheckedContinuation { continuation in
            // Not on a thread of the tests, which must not block.
            Thread.detachNewThread {
                write(input, to: ours)
                continuation.resume(returning: readToEnd(ours))
            }
        }
        await child.hasEnded()
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func readToEnd(_ descriptor: Int32) -> [UInt8] {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &part, part.count)
            guard count > 0 else { return all }
            all += part.prefix(count)
        }
    }

    /// `posix_spawn_file_actions_addclosefrom_np`, which glibc declares for GNU sources only.
    private static func closeOthers(_ actions: inout posix_spawn_file_actions_t, _ from: Int32) -> Int32 {
        typealias CloseFrom =
            @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return ENOSYS }
        return unsafeBitCast(symbol, to: CloseFrom.self)(&actions, from)
    }

    private static func spawn(_ path: String, _ arguments: [String], input: Int32?, output: Int32?) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        for descriptor: Int32 in [1, 2] {
            if let output {
                posix_spawn_file_actions_adddup2(&actions, output, descriptor)
            } else {
                posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
            }
        }
        let code = Self.closeOthers(&actions, 3)
        guard code == 0 else { throw CannotStart(path: path, code: code) }

        // A thread of the concurrency pool blocks signals; a child that inherited that would not hear SIGTERM.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // Tests under nohup ignore SIGHUP, and a shell cannot undo that.
        var hangUp = sigset_t()
        sigemptyset(&hangUp)
        sigaddset(&hangUp, SIGHUP)
        posix_spawnattr_setsigdefault(&attributes, &hangUp)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var id = pid_t()
        let outcome = posix_spawn(&id, path, &actions, &attributes, words, environ)
        guard outcome == 0 else { throw CannotStart(path: path, code: outcome) }
        return id
    }
}
