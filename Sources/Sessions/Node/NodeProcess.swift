import Foundation
import SessionConfig

/// A running `node-load.cjs`: lines go in and come out.
///
/// It ends when this process ends, however that happens, because its standard input ends then.
final class NodeProcess: Sendable {
    private let input: FileHandle
    private let lines: AsyncStream<Data>
    private let end: AsyncStream<Int32>
    private let complaints: Complaints

    /// The last words on standard error.
    private actor Complaints {
        private var text = Data()
        func add(_ more: Data) { text = Data((text + more).suffix(4000)) }
        /// The line that names the error, which Node prints after the place in the source.
        var error: String? {
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
            return lines.first { $0.contains("Error") } ?? lines.last
        }
    }

    /// Starts Node.
    ///
    /// - Throws: why it cannot be started.
    static func start() throws -> NodeProcess {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard
            let path = folders.map({ "\($0)/node" }).first(where: { FileManager.default.isExecutableFile(atPath: $0) })
        else {
            throw CommandLineError(
                .cannotRun,
                "--client node: no program 'node' in PATH; install Node 18 or later, or leave the option out")
        }
        return try NodeProcess(path)
    }

    private init(_ path: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-e", String(decoding: PackageResources.node_load_cjs, as: UTF8.self)]
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, stderr)
        let (end, ended) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            ended.yield(process.terminationStatus)
            ended.finish()
        }
        let (lines, arrived) = AsyncStream.makeStream(of: Data.self)
        let complaints = Complaints()
        try process.run()
        input = stdin.fileHandleForWriting
        (self.lines, self.end, self.complaints) = (lines, end, complaints)
        Self.read(stdout.fileHandleForReading) {
            arrived.yield($0)
        } atEnd: {
            arrived.finish()
        }
        stderr.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil } else { Task { await complaints.add(data) } }
        }
    }

    /// Hands every whole line on.
    private static func read(
        _ handle: FileHandle, _ line: @escaping @Sendable (Data) -> Void, atEnd: @escaping @Sendable () -> Void
    ) {
        let buffer = LineBuffer()
        handle.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                return atEnd()
            }
            for whole in buffer.lines(with: data) { line(whole) }
        }
    }

    func send(_ request: NodeRequest) throws {
        try input.write(contentsOf: JSONEncoder().encode(request) + Data("\n".utf8))
    }

    /// The next line.
    ///
    /// - Throws: how Node ended, if it did; `CancellationError` in a cancelled task.
    func next<Message: Decodable>(_ type: Message.Type) async throws -> Message {
        for await line in lines { return try JSONDecoder().decode(type, from: line) }
        try Task.checkCancellation()
        for await status in end {
            let reason = await complaints.error.map { ": \($0)" } ?? ""
            throw CommandLineError(.cannotRun, "--client node: node ended with status \(status)\(reason)")
        }
        throw CancellationError()
    }

    /// Sends a line and returns the answer.
    func ask<Message: Decodable>(_ request: NodeRequest, for type: Message.Type) async throws -> Message {
        do { try send(request) } catch {
            // Node reads no more: the end of its lines says how it ended.
        }
        return try await next(type)
    }

    /// Ends it, and returns when it has ended.
    func stop() async throws {
        try input.close()
        for await _ in end {}
    }
}

/// Bytes up to the end of a line. Only the handler that feeds it touches it, one call at a time.
private final class LineBuffer: @unchecked Sendable {
    private var rest = Data()

    func lines(with more: Data) -> [Data] {
        rest.append(more)
        var parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = Data(parts.removeLast())
        return parts.map { Data($0) }
    }
}
