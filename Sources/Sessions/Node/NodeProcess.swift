import FoundationEssentials
import NIOConcurrencyHelpers
import SessionConfig

/// A running `node-load.cjs`: lines go in and come out.
///
/// It ends when this process ends, however that happens, because its standard input ends then.
final class NodeProcess: Sendable {
    private let process: PipedProcess
    private let lines: AsyncStream<Data>
    private let end: AsyncStream<Int32>
    /// The last words on standard error.
    private let complaints: NIOLockedValueBox<[UInt8]>

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

    private init(_ path: String) throws(CommandLineError) {
        do {
            process = try PipedProcess(path, ["-e", String(decoding: PackageResources.node_load_cjs, as: UTF8.self)])
        } catch {
            throw CommandLineError(.cannotRun, "--client node: \(path): \(error.problem)")
        }
        let (lines, arrived) = AsyncStream.makeStream(of: Data.self)
        let (end, ended) = AsyncStream.makeStream(of: Int32.self)
        let complaints = NIOLockedValueBox<[UInt8]>([])
        (self.lines, self.end, self.complaints) = (lines, end, complaints)
        let buffer = LineBuffer()
        process.watch { piece in
            if piece.isEmpty { arrived.finish() }
            for line in buffer.lines(with: piece) { arrived.yield(line) }
        } onError: { piece in
            complaints.withLockedValue { $0 = Array(($0 + piece).suffix(4000)) }
        } onEnd: { status in
            ended.yield(status)
            ended.finish()
        }
    }

    func send(_ request: NodeRequest) throws {
        let line = try JSONEncoder().encode(request) + Data("\n".utf8)
        do { try process.write(Array(line)) } catch {
            throw CommandLineError(.cannotRun, "--client node: node takes no more orders: \(error.problem)")
        }
    }

    /// The next line.
    ///
    /// - Throws: how Node ended, if it did; in a cancelled task that there was no answer.
    func next<Message: Decodable>(_ type: Message.Type) async throws -> Message {
        for await line in lines { return try JSONDecoder().decode(type, from: line) }
        if !Task.isCancelled {
            for await status in end {
                let reason = error.map { ": \($0)" } ?? ""
                throw CommandLineError(.cannotRun, "--client node: node ended with status \(status)\(reason)")
            }
        }
        throw CommandLineError(
            .cannotRun, "--client node: node had not answered when the comparison was ended; try a lower --rate")
    }

    /// The line that names the error, which Node prints after the place in the source.
    private var error: String? {
        let text = String(decoding: complaints.withLockedValue { $0 }, as: UTF8.self)
        let lines = text.split(separator: "\n").map(String.init)
        return lines.first { $0.contains("Error") } ?? lines.last
    }

    /// Sends a line and returns the answer.
    func ask<Message: Decodable>(_ request: NodeRequest, for type: Message.Type) async throws -> Message {
        do { try send(request) } catch {
            // Node reads no more: the end of its lines says how it ended.
        }
        return try await next(type)
    }

    /// Ends it, and returns when it has ended.
    func stop() async {
        process.closeInput()
        for await _ in end {}
    }
}

/// Bytes up to the end of a line. Only the handler that feeds it touches it, one call at a time.
private final class LineBuffer: @unchecked Sendable {
    private var rest = Data()

    func lines(with more: [UInt8]) -> [Data] {
        rest += more
        var parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = Data(parts.removeLast())
        return parts.map { Data($0) }
    }
}
