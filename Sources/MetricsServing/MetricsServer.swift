import Glibc
import MetricsText
import NIOCore
import NIOHTTP1
import NIOPosix
package import PoolModel
import Synchronization

/// Why metrics cannot be served, in one line.
package struct MetricsServerError: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// Serves the latest snapshot as metrics, from a thread of its own: a scrape costs the agent nothing, however slow or hostile the
/// scraper is.
///
/// `/metrics` is OpenMetrics 1.0 or the text format of Prometheus, as the request's Accept field wishes, and packed with gzip for
/// those who take it; `/healthz` says `ok`.
package final class MetricsServer: Sendable {
    /// More connections than these are closed at once.
    static let mostConnections = 64
    /// A connection on which nothing moves for so long is closed.
    static let patience = TimeAmount.seconds(10)

    private let page = MetricsPage()
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel

    /// Listens.
    ///
    /// - Parameters:
    ///   - host: an address; others than loopback can be reached from other machines.
    ///   - port: 0 for any that is free.
    /// - Throws: why nobody can listen there.
    package init(host: String, port: Int) throws(MetricsServerError) {
        let (page, open) = (page, ConnectionCount())
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard open.begin() else { throw ChannelError.connectPending }
                    channel.closeFuture.assumeIsolated().whenComplete { _ in open.end() }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(allTimeout: Self.patience))
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(MetricsHandler(page))
                }
            }
        do {
            channel = try bootstrap.bind(host: host, port: port).wait()
        } catch let failure {
            do { try group.syncShutdownGracefully() } catch {
                // A thread that does not end does no harm.
            }
            throw MetricsServerError(description: Self.words(failure, host, port))
        }
    }

    private static func words(_ error: any Error, _ host: String, _ port: Int) -> String {
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        guard let error = error as? IOError else { return "\(place) cannot be served: \(error)" }
        return switch error.errnoCode {
        case EADDRINUSE: "\(place) is in use by another program: choose another port, or 0 for any that is free"
        case EACCES: "\(place) is reserved for root: choose a port from 1024 on"
        case EADDRNOTAVAIL: "\(host) is no address of this machine"
        default: "\(place) cannot be served: \(error)"
        }
    }

    /// The port that is listened on.
    package var port: Int { channel.localAddress?.port ?? 0 }

    /// Takes the place of the snapshot before. Any thread.
    package func publish(_ snapshot: AgentSnapshot) { page.set(snapshot) }

    /// Stops listening. Connections end with their responses.
    package func close() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }
}

/// Connections that are open.
private final class ConnectionCount: Sendable {
    private let count = Mutex(0)

    func begin() -> Bool {
        count.withLock { count in
            guard count < MetricsServer.mostConnections else { return false }
            count += 1
            return true
        }
    }

    func end() { count.withLock { $0 -= 1 } }
}

/// The text of the latest snapshot, written once for each format that is asked for.
final class MetricsPage: Sendable {
    private struct State {
        var snapshot: AgentSnapshot?
        var writer = MetricsWriter()
        var texts: [ExpositionFormat: [UInt8]] = [:]
        var packed: [ExpositionFormat: [UInt8]] = [:]
        /// The number of the snapshot.
        var number = 0
    }

    private let state = Mutex(State())

    func set(_ snapshot: AgentSnapshot) {
        state.withLock { state in
            state.snapshot = snapshot
            (state.texts, state.packed) = ([:], [:])
            state.number += 1
        }
    }

    /// nil: there is no snapshot yet.
    func text(_ format: ExpositionFormat) -> [UInt8]? {
        state.withLock { state in
            if let text = state.texts[format] { return text }
            guard let snapshot = state.snapshot else { return nil }
            let text = state.writer.write(snapshot, as: format)
            state.texts[format] = text
            return text
        }
    }

    /// The same as gzip. It is packed while nobody waits for the lock, since that takes a while.
    func packed(_ format: ExpositionFormat) -> [UInt8]? {
        let (known, number) = state.withLock { ($0.packed[format], $0.number) }
        if let known { return known }
        guard let text = text(format) else { return nil }
        let packed = Gzip.packed(text)
        state.withLock { state in
            if state.number == number { state.packed[format] = packed }
        }
        return packed
    }
}

/// Answers the requests of one connection.
private final class MetricsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let page: MetricsPage
    private var head: HTTPRequestHead?

    init(_ page: MetricsPage) { self.page = page }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            answer(head, context)
            self.head = nil
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let (status, type, isPacked, body) = response(to: head)
        var fields = HTTPHeaders([
            ("content-type", type), ("content-length", "\(body.count)"), ("vary", "accept, accept-encoding"),
        ])
        if isPacked { fields.add(name: "content-encoding", value: "gzip") }
        if status == .methodNotAllowed { fields.add(name: "allow", value: "GET, HEAD") }
        if !head.isKeepAlive { fields.add(name: "connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: status, headers: fields))),
            promise: nil)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        let isLast = !head.isKeepAlive
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            if isLast { context.close(promise: nil) }
        }
    }

    private func response(
        to head: HTTPRequestHead
    ) -> (HTTPResponseStatus, type: String, isPacked: Bool, body: [UInt8]) {
        let plain = "text/plain; charset=utf-8"
        guard head.method == .GET || head.method == .HEAD else {
            return (.methodNotAllowed, plain, false, Array("GET and HEAD only\n".utf8))
        }
        switch head.uri.split(separator: "?", maxSplits: 1).first.map(String.init) ?? "/" {
        case "/metrics":
            let accept = head.headers[canonicalForm: "accept"].joined(separator: ",")
            let format = AcceptHeader.format(for: accept.isEmpty ? nil : accept)
            let isPacked = AcceptEncoding.takesGzip(
                head.headers[canonicalForm: "accept-encoding"].joined(separator: ","))
            guard let text = isPacked ? page.packed(format) : page.text(format) else {
                return (.serviceUnavailable, plain, false, Array("there are no figures yet\n".utf8))
            }
            return (.ok, format.contentType, isPacked, text)
        case "/healthz": return (.ok, plain, false, Array("ok\n".utf8))
        default: return (.notFound, plain, false, Array("there are /metrics and /healthz\n".utf8))
        }
    }
}
