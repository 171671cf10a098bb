import Downstream
import NIOCore
import NIOPosix
import NIOSSL

/// How the peer ended a connection.
enum Ended: Equatable { case fin, reset }

struct WireError: Error, CustomStringConvertible {
    let description: String
}

/// One client connection, as bare as tests need it: bytes out, whole responses in, and how it ended.
final class Wire: Sendable {
    private let channel: any Channel
    private let inbox: NIOLoopBound<Inbox>
    /// The value that `get` sends as `Host`.
    let address: String

    /// Long, because it is only waited for when something is wrong.
    static let patience = TimeAmount.seconds(60)

    /// `address` is `IP:PORT`. With `tls`, the name that the certificate must bear.
    init(_ address: String, tls: (context: NIOSSLContext, name: String)? = nil) async throws {
        let parts = address.split(separator: ":").map(String.init)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let inbox = try await loop.submit { NIOLoopBound(Inbox(loop), eventLoop: loop) }.get()
        self.inbox = inbox
        self.address = address
        channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls.context, serverHostname: tls.name)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(inbox.value)
                }
            }
            .connect(host: parts[0], port: Int(parts[1]) ?? 0).get()
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func send(bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// Whether the client takes what the server sends.
    func setReading(_ isOn: Bool) async throws { try await channel.setOption(.autoRead, value: isOn).get() }

    func close() async throws {
        do {
            try await channel.close()
        } catch ChannelError.alreadyClosed {
            // The server was faster.
        }
    }

    /// The next response, by its own framing.
    func response(toHead: Bool = false) async throws -> Response {
        try await wait { try Response(taking: &$0.received, toHead: toHead, isClosed: $0.ended != nil) }
    }

    /// Everything until the peer ended the connection.
    func rest() async throws -> (text: String, ended: Ended) {
        try await wait { inbox in inbox.ended.map { (String(buffer: inbox.received), $0) } }
    }

    /// Waits until `take` finds what it looks for.
    func wait<Value: Sendable>(_ take: @escaping @Sendable (Inbox) throws -> Value?) async throws -> Value {
        let (loop, inbox) = (channel.eventLoop, inbox)
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: Value.self)
            inbox.value.attend(promise, take)
            return promise.futureResult
        }.get()
    }

    func get(_ path: String, fields: String = "") async throws -> Response {
        try await send("GET \(path) HTTP/1.1\r\nHost: \(address)\r\n\(fields)\r\n")
        return try await response()
    }

    static func get(_ address: String, _ path: String) async throws -> Response {
        let wire = try await Wire(address)
        let response = try await wire.get(path)
        try await wire.close()
        return response
    }
}

/// The data received and the tasks waiting for more. Confined to its loop.
final class Inbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var received = ByteBuffer()
    private(set) var ended: Ended?
    /// Messages with a length before them that were taken, for tests that only count them.
    var messages = 0
    /// The channel's last error, for messages.
    private(set) var failure = "nothing"
    private let loop: any EventLoop
    private var check: (() -> Bool)?

    init(_ loop: any EventLoop) { self.loop = loop }

    func attend<Value: Sendable>(_ promise: EventLoopPromise<Value>, _ take: @escaping (Inbox) throws -> Value?) {
        let deadline = loop.assumeIsolated().scheduleTask(in: Wire.patience) {
            self.check = nil
            let bytes = String(buffer: self.received).suffix(300)
            promise.fail(WireError(description: "waited in vain, heard of \(self.failure), have \(bytes)"))
        }
        check = { [unowned self] in
            do {
                guard let value = try take(self) else { return false }
                promise.succeed(value)
            } catch {
                promise.fail(error)
            }
            deadline.cancel()
            return true
        }
        lookAgain()
    }

    private func lookAgain() {
        if let check, check() { self.check = nil }
    }

    func takeMessages() -> Int {
        var count = 0
        while received.readLengthPrefixedSlice(as: UInt16.self) != nil { count += 1 }
        return count
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        lookAgain()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = "\(error)"
        if let error = error as? IOError, error.errnoCode == 104 || error.errnoCode == 54 { ended = .reset }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if ended == nil { ended = .fin }
        lookAgain()
    }
}

struct Response: Sendable {
    var status = 0
    var version = ""
    var head = ""
    var body = ""
    /// Names in lower case.
    var fields: [String: String] = [:]

    /// Nil while incomplete. Throws when the connection ended before it was complete.
    init?(taking bytes: inout ByteBuffer, toHead: Bool, isClosed: Bool) throws {
        var rest = bytes
        guard try read(&rest, toHead: toHead, isClosed: isClosed) else {
            if isClosed { throw WireError(description: "incomplete: \(String(buffer: bytes).prefix(300))") }
            return nil
        }
        bytes = rest
    }

    private mutating func read(_ rest: inout ByteBuffer, toHead: Bool, isClosed: Bool) throws -> Bool {
        guard let line = rest.readLine() else { return false }
        let words = line.split(separator: " ")
        guard words.count >= 2, let status = Int(words[1]) else { throw WireError(description: "no response: \(line)") }
        self.status = status
        version = String(words[0])
        head = line
        while let field = rest.readLine() {
            guard !field.isEmpty else {
                return try toHead || status < 200 || status == 204 || status == 304
                    || readBody(&rest, isClosed: isClosed)
            }
            head += "\n" + field
            let parts = field.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        return false
    }

    private mutating func readBody(_ rest: inout ByteBuffer, isClosed: Bool) throws -> Bool {
        if let length = fields["content-length"].flatMap({ Int($0) }) {
            guard let text = rest.readString(length: length) else { return false }
            body = text
            return true
        }
        guard fields["transfer-encoding"] == "chunked" else {
            body = rest.readString(length: rest.readableBytes) ?? ""
            return isClosed
        }
        while let line = rest.readLine() {
            guard let size = Int(line, radix: 16) else { throw WireError(description: "bad chunk size \(line)") }
            guard let text = rest.readString(length: size), let end = rest.readLine() else { return false }
            guard end.isEmpty else { throw WireError(description: "chunk without end") }
            body += text
            if size == 0 { return true }
        }
        return false
    }
}

extension ByteBuffer {
    fileprivate mutating func readLine() -> String? {
        guard let end = readableBytesView.firstIndex(of: 10) else { return nil }
        return readString(length: end - readerIndex + 1)?.filter { $0 != "\r\n" && $0 != "\r" && $0 != "\n" }
    }
}

/// Runs `body` with downstreams that are gone afterwards, whatever happens.
func withFleet(
    _ scenarios: [Scenario], seed: UInt64 = 1, loops: Int = 1, _ body: (DownstreamFleet) async throws -> Void
) async throws {
    let fleet = try await DownstreamFleet.start(scenarios, seed: seed, loops: loops)
    do {
        try await body(fleet)
    } catch {
        try await fleet.shutdown()
        throw error
    }
    try await fleet.shutdown()
}

extension Scenario {
    /// Nothing but the defaults, changed as told.
    static func plain(_ name: String = "plain", _ change: (inout Scenario) -> Void = { _ in }) -> Scenario {
        var scenario = Scenario(name: name)
        change(&scenario)
        return scenario
    }
}
