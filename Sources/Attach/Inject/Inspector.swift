import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import PlainDocuments

/// A conversation with the inspector of a Node process: JSON over a WebSocket (the Chrome DevTools Protocol).
struct Inspector: Sendable {
    private typealias Socket = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// The source of the hook is some hundred kilobytes, answers are short.
    private static let longestFrame = 1 << 20
    private static let patience = TimeAmount.seconds(2)

    let port: Int

    /// Evaluates expressions in the main thread, one after the other, until one is nil.
    ///
    /// - Parameter next: makes the next expression of the values of those before, which are strings.
    /// - Returns: the values.
    /// - Throws: that there is no inspector, or what went wrong in the process.
    func evaluate(_ next: @Sendable ([String]) throws(AttachError) -> String?) async throws -> [String] {
        let path = try await debuggerPath()
        let socket = try await connect(path)
        return try await socket.executeThenClose { incoming, outgoing in
            var frames = incoming.makeAsyncIterator()
            var values: [String] = []
            while let expression = try next(values) {
                let number = values.count + 1
                try await outgoing.write(Self.frame(Self.request(number, expression)))
                values.append(try await Self.answer(to: number, in: &frames))
            }
            return values
        }
    }

    private static func request(_ number: Int, _ expression: String) -> JSONValue {
        .object([
            "id": .integer(number), "method": .string("Runtime.evaluate"),
            "params": .object([
                "expression": .string(expression), "includeCommandLineAPI": .bool(true), "returnByValue": .bool(true),
            ]),
        ])
    }

    private static func frame(_ value: JSONValue) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: .text, maskKey: .random(), data: ByteBuffer(string: value.line))
    }

    /// The value of an expression. Events of the inspector are skipped.
    private static func answer(
        to number: Int, in frames: inout NIOAsyncChannelInboundStream<WebSocketFrame>.AsyncIterator
    ) async throws -> String {
        while let frame = try await frames.next(isolation: #isolation) {
            guard frame.opcode == .text else { continue }
            let line: JSONValue
            do throws(TextProblem) {
                line = try JSONReader.value(of: Array(frame.unmaskedData.readableBytesView)[...])
            } catch {
                throw AttachError("the inspector sent a line that is \(error.problem)")
            }
            guard line["id"] == .integer(number) else { continue }
            if let problem = line["result"]?["exceptionDetails"] {
                let text = problem["exception"]?["description"] ?? problem["text"]
                throw AttachError("the process answered: \(words(text))")
            }
            guard case .string(let value)? = line["result"]?["result"]?["value"] else {
                throw AttachError(
                    "the inspector does not answer what it was asked: \(words(line["error"]?["message"]))")
            }
            return value
        }
        throw AttachError("the inspector is gone")
    }

    private static func words(_ value: JSONValue?) -> String {
        guard case .string(let text)? = value else { return "nothing" }
        return PlainText.clean(String(text.prefix { !$0.isNewline }), limit: 200)
    }

    // MARK: Connections

    private static var client: ClientBootstrap {
        ClientBootstrap(group: NIOSingletons.posixEventLoopGroup).connectTimeout(patience)
    }

    private var host: HTTPHeaders { ["Host": "127.0.0.1:\(port)"] }

    /// The path of the main thread's target, which has a random number.
    private func debuggerPath() async throws -> String {
        let channel = try await Self.client.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(DeadlineHandler(Self.patience))
                return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                    wrappingChannelSynchronously: channel)
            }
        }
        let body = try await channel.executeThenClose { incoming, outgoing in
            try await outgoing.write(
                .head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/json/list", headers: host)))
            try await outgoing.write(.end(nil))
            var body: [UInt8] = []
            for try await part in incoming {
                if case .body(let bytes) = part { body += bytes.readableBytesView }
                if case .end = part { break }
                guard body.count < Self.longestFrame else { break }
            }
            return body
        }
        guard case .array(let targets)? = Self.parsed(body),
            case .string(let address)? = targets.first?["webSocketDebuggerUrl"],
            let path = address.split(separator: "/", maxSplits: 2).dropFirst(2).first
        else { throw AttachError("port \(port) of 127.0.0.1 is not answered by an inspector") }
        return "/\(path)"
    }

    /// nil: it is not JSON.
    private static func parsed(_ bytes: [UInt8]) -> JSONValue? {
        do throws(TextProblem) { return try JSONReader.value(of: bytes[...]) } catch { return nil }
    }

    private func connect(_ path: String) async throws -> Socket {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: host)
        let result: EventLoopFuture<Socket?> = try await Self.client.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let upgrader = NIOTypedWebSocketClientUpgrader<Socket?>(maxFrameSize: Self.longestFrame) { channel, _ in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DeadlineHandler(Self.patience))
                        return try Socket(wrappingChannelSynchronously: channel)
                    }
                }
                let upgrade = NIOTypedHTTPClientUpgradeConfiguration(
                    upgradeRequestHead: head, upgraders: [upgrader],
                    notUpgradingCompletionHandler: { $0.eventLoop.makeSucceededFuture(nil) })
                return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                    configuration: .init(upgradeConfiguration: upgrade))
            }
        }
        guard let socket = try await result.get() else { throw AttachError("the inspector refuses a WebSocket") }
        return socket
    }
}

/// Closes a connection on which nothing came for a time.
private final class DeadlineHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let limit: TimeAmount
    private var deadline: Scheduled<Void>?

    init(_ limit: TimeAmount) { self.limit = limit }

    func handlerAdded(context: ChannelHandlerContext) { restart(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        restart(context)
        context.fireChannelRead(data)
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    private func restart(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
    }
}
