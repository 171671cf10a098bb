import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A server that answers as told, byte for byte, for what the bundled downstreams are too well-behaved to do.
final class RawServer: Sendable {
    /// The reaction to a request: bytes, and how the connection continues if no other request arrives.
    struct Deed: Sendable {
        enum End: Sendable {
            case keep
            /// FIN after this time without another request; nil: at once.
            case fin(after: TimeAmount?)
            case reset(after: TimeAmount?)
        }
        var bytes: String
        /// How long after the request; nil: at once.
        var after: TimeAmount?
        var end = End.keep
    }
    typealias Script = @Sendable (_ request: String) -> Deed

    let channel: any Channel
    private let log = NIOLockedValueBox<[String: Int]>([:])
    private let closedCount = Atomic(0)

    /// Where it listens: a port, or a path.
    var port: Int { channel.localAddress?.port ?? 0 }
    /// How often each request line was received whole.
    var received: [String: Int] { log.withLockedValue { $0 } }
    /// How many connections have ended on this side.
    var closed: Int { closedCount.load(ordering: .relaxed) }

    static func ok(_ body: String = "hello") -> Deed {
        Deed(bytes: "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    private init(channel: any Channel) { self.channel = channel }

    /// Without `readsBodies` it answers when it has a head, and reads nothing after it. With `saysContinue` it asks for
    /// each body that does not come with its head.
    static func start(
        at address: SocketAddress? = nil, readsBodies: Bool = true, saysContinue: Bool = false,
        _ script: @escaping Script
    ) async throws -> RawServer {
        let slot = NIOLockedValueBox<RawServer?>(nil)
        let address = try address ?? SocketAddress(ipAddress: "127.0.0.1", port: 0)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        RawConnection(script, readsBodies: readsBodies, saysContinue: saysContinue) { line in
                            slot.withLockedValue { $0 }?.log.withLockedValue { $0[line, default: 0] += 1 }
                        })
                    channel.closeFuture.whenComplete { _ in
                        slot.withLockedValue { $0 }?.closedCount.add(1, ordering: .relaxed)
                    }
                }
            }
            .bind(to: address).get()
        let server = RawServer(channel: channel)
        slot.withLockedValue { $0 = server }
        return server
    }

    func stop() async throws { try await channel.close() }
}

private final class RawConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: RawServer.Script
    private let readsBodies: Bool
    private var saysContinue: Bool
    private let note: @Sendable (String) -> Void
    private var input = ""
    private var end: Scheduled<Void>?

    init(
        _ script: @escaping RawServer.Script, readsBodies: Bool, saysContinue: Bool,
        _ note: @escaping @Sendable (String) -> Void
    ) {
        self.script = script
        self.readsBodies = readsBodies
        self.saysContinue = saysContinue
        self.note = note
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        input += String(buffer: unwrapInboundIn(data))
        while let head = input.range(ofHeadEnd: "\r\n\r\n") {
            let lines = input[..<head].split(separator: "\r\n")
            let length = lines.compactMap { line in
                line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
            }.first
            let bodyStart = input.index(head, offsetBy: 1)
            guard readsBodies else {
                input = ""
                let channel = context.channel
                channel.setOption(.autoRead, value: false).whenFailure { _ in channel.close(promise: nil) }
                return answer(String(lines.first ?? ""), context)
            }
            guard input[bodyStart...].utf8.count >= length ?? 0 else {
                guard saysContinue else { return }
                saysContinue = false
                let interim = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
                return context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: interim)), promise: nil)
            }
            let request = String(lines.first ?? "")
            input = String(input[bodyStart...].dropFirst(length ?? 0))
            note(request)
            answer(request, context)
        }
    }

    private func answer(_ request: String, _ context: ChannelHandlerContext) {
        end?.cancel()
        let deed = script(request)
        guard let delay = deed.after else { return perform(deed, context) }
        end = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { self.perform(deed, context) }
    }

    private func perform(_ deed: RawServer.Deed, _ context: ChannelHandlerContext) {
        if !deed.bytes.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: deed.bytes)), promise: nil) }
        switch deed.end {
        case .keep: break
        case .fin(let delay): close(context, after: delay, resets: false)
        case .reset(let delay): close(context, after: delay, resets: true)
        }
    }

    private func close(_ context: ChannelHandlerContext, after delay: TimeAmount?, resets: Bool) {
        let channel = context.channel
        @Sendable func close() {
            guard resets, let socket = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
            socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
        }
        guard let delay else { return close() }
        end = context.eventLoop.scheduleTask(in: delay) { close() }
    }

    func channelInactive(context: ChannelHandlerContext) { end?.cancel() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension String {
    /// The last character of the head's end, which Swift sees as two line ends.
    fileprivate func range(ofHeadEnd end: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            let next = self.index(after: index)
            if self[index] == "\r\n", next < endIndex, self[next] == "\r\n" { return next }
            index = next
        }
        return nil
    }
}
