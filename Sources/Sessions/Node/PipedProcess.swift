import Dispatch
import Glibc
import NIOConcurrencyHelpers

/// A program that runs beside this one, with pipes as its standard streams.
final class PipedProcess: Sendable {
    struct Failure: Error {
        let problem: String

        init(_ code: Int32) { problem = String(cString: strerror(code)) }
    }

    /// The end of its standard input; nil after `closeInput`.
    private let input: NIOLockedValueBox<Int32?>
    private let output: Int32
    private let errors: Int32
    private let id: pid_t

    /// - Throws: why it cannot be started.
    init(_ path: String, _ arguments: [String]) throws(Failure) {
        var pipes: [Pipe] = []
        do throws(Failure) {
            for _ in 0..<3 { pipes.append(try Pipe()) }
            id = try Self.spawn(
                path, arguments, input: pipes[0].reader, output: pipes[1].writer, errors: pipes[2].writer)
        } catch {
            for pipe in pipes { pipe.close() }
            throw error
        }
        for theirs in [pipes[0].reader, pipes[1].writer, pipes[2].writer] { close(theirs) }
        input = NIOLockedValueBox(pipes[0].writer)
        (output, errors) = (pipes[1].reader, pipes[2].reader)
    }

    deinit { closeInput() }

    /// Hands on what it prints and how it ends, in order. Call it once.
    ///
    /// - Parameters:
    ///   - onOutput: called with each piece of its standard output; an empty one is the end.
    ///   - onError: called with each piece of its standard error.
    ///   - onEnd: called after the last piece of standard error, with its exit status or the signal that ended it.
    func watch(
        onOutput: @escaping @Sendable ([UInt8]) -> Void, onError: @escaping @Sendable ([UInt8]) -> Void,
        onEnd: @escaping @Sendable (Int32) -> Void
    ) {
        // Each queue waits in the kernel on a thread of its own.
        let (output, errors, id) = (output, errors, id)
        DispatchQueue(label: "pooltop-child-output").async {
            Self.read(output, onOutput)
            onOutput([])
        }
        DispatchQueue(label: "pooltop-child-errors").async {
            Self.read(errors, onError)
            var status: Int32 = 0
            while waitpid(id, &status, 0) == -1, errno == EINTR {}
            // WIFEXITED and its like are macros, which are not imported.
            onEnd(status & 0x7f == 0 ? (status >> 8) & 0xff : status & 0x7f)
        }
    }

    /// - Throws: why it takes no more.
    func write(_ bytes: [UInt8]) throws(Failure) {
        let code = input.withLockedValue { input -> Int32 in
            guard let input else { return EPIPE }
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return errno }
                rest = rest.dropFirst(count)
            }
            return 0
        }
        if code != 0 { throw Failure(code) }
    }

    func closeInput() {
        input.withLockedValue { input in
            if let input { close(input) }
            input = nil
        }
    }

    /// Until its end, and closes it.
    private static func read(_ descriptor: Int32, _ piece: ([UInt8]) -> Void) {
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            piece(Array(buffer[..<count]))
        }
    }
}

extension PipedProcess {
    /// Both ends are closed in every child, except where one is made a standard stream.
    private struct Pipe {
        let reader: Int32
        let writer: Int32

        init() throws(Failure) {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw Failure(errno) }
            (reader, writer) = (ends[0], ends[1])
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }

        func close() {
            Glibc.close(reader)
            Glibc.close(writer)
        }
    }

    private static func spawn(
        _ path: String, _ arguments: [String], input: Int32, output: Int32, errors: Int32
    ) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (theirs, ours) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
            posix_spawn_file_actions_adddup2(&actions, ours, theirs)
        }

        // In a process group of its own ^C does not reach it: it is told to stop. The threads of the concurrency pool block
        // signals, and a child that inherited that would not hear any.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))

        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var id = pid_t()
        let outcome = posix_spawn(&id, path, &actions, &attributes, words, environ)
        guard outcome == 0 else { throw Failure(outcome) }
        return id
    }
}
