import DNSWire
import NIOCore
import NIOPosix

// The choice of the local port from which a query is sent.
//
// A forger who does not see our packets must guess the id (16 bits) and the port (some 28,000 on Linux, drawn at random
// by the kernel for a socket bound to port 0), RFC 5452 §4. A new socket per query gives him nothing to learn from, but
// costs six system calls and a channel: measured on loopback with one lookup of one type, 41–49 µs of CPU against
// 12–17 µs. We keep a few sockets per server instead:
//   - each on its own random port, and connected, so that the kernel drops what does not come from the server's address
//     and port, and so that a refused query is reported at once. A connected port also does not answer probes of
//     others, which is how open ports are found from outside (the "SAD DNS" side channel);
//   - a query leaves from one of them drawn at random: its chance to be at a given port stays one in 28,000;
//   - each is replaced after 64…191 queries or 30 s, so that a port that was found out is soon worth nothing.
// A and AAAA of one lookup share a socket (as in glibc), and so one system call; they differ in question and id.
// A replaced socket stays open until its last query is over.

/// One UDP socket, connected to one server.
final class DNSDatagramSocket: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias QueryID = ResolverMachine.QueryID

    let server: DNSServerAddress
    /// Nil: the server is on an interface that the machine does not have now.
    private let address: SocketAddress?
    private weak var resolver: StubResolver?
    private var channel: (any Channel)?
    /// Written before the channel was there.
    private var waiting: [ByteBuffer] = []
    private var queries: [UInt16: QueryID] = [:]
    private var isClosed = false
    private var usesLeft: Int
    private let retireAt: NIODeadline
    private var isRetired = false
    private var hasUnflushed = false

    init(server: DNSServerAddress, resolver: StubResolver, uses: Int, retireAt: NIODeadline) {
        self.server = server
        address = server.socketAddress
        self.resolver = resolver
        usesLeft = uses
        self.retireAt = retireAt
    }

    func open(on eventLoop: any EventLoop) {
        guard let address else { return ended() }
        // One message per wake-up: a second read would nearly always only find out that there is nothing.
        DatagramBootstrap(group: eventLoop)
            .channelOption(.maxMessagesPerRead, value: 1)
            .connect(to: address).assumeIsolated().whenComplete { self.opened($0) }
    }

    private func opened(_ result: Result<any Channel, any Error>) {
        switch result {
        case .failure: ended()
        case .success(let channel):
            guard !isClosed else { return channel.close(promise: nil) }
            do {
                try channel.pipeline.syncOperations.addHandler(self)
            } catch {
                channel.close(promise: nil)
                return ended()
            }
            self.channel = channel
            for buffer in waiting { channel.write(buffer, promise: nil) }
            waiting = []
            flush()
        }
    }

    func isUsable(for id: UInt16, now: NIODeadline) -> Bool {
        !isClosed && !isRetired && usesLeft > 0 && now < retireAt && queries[id] == nil
    }

    /// Sends with the next `flush`.
    func send(_ query: QueryID, id: UInt16, bytes: [UInt8]) {
        // Opening can fail before it returns (no descriptor left).
        if isClosed {
            resolver?.failed(query)
            return
        }
        usesLeft -= 1
        queries[id] = query
        hasUnflushed = true
        guard let channel else { return waiting.append(ByteBuffer(bytes: bytes)) }
        channel.write(channel.allocator.buffer(bytes: bytes), promise: nil)
    }

    func flush() {
        guard hasUnflushed, let channel else { return }
        hasUnflushed = false
        channel.flush()
    }

    func stopListening(id: UInt16) {
        queries[id] = nil
        closeIfDone()
    }

    /// Takes no more queries, and closes after the last answer.
    func retire() {
        isRetired = true
        closeIfDone()
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        queries = [:]
        waiting = []
        channel?.close(promise: nil)
    }

    private func closeIfDone() {
        if isRetired, queries.isEmpty { close() }
    }

    // MARK: Channel events

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let bytes = envelope.data
        guard let id: UInt16 = bytes.getInteger(at: bytes.readerIndex), let query = queries[id] else {
            resolver?.strayDatagrams += 1
            return
        }
        resolver?.received(query, from: server.sender(at: envelope.remoteAddress, is: address), bytes)
    }

    /// A refused query (ICMP port unreachable) does not close the channel.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { failQueries() }

    func channelInactive(context: ChannelHandlerContext) { ended() }

    private func ended() {
        isClosed = true
        channel = nil
        waiting = []
        failQueries()
    }

    private func failQueries() {
        // In the order of their serials, since a dictionary has none.
        let failed = queries.values.sorted { $0.serial < $1.serial }
        queries = [:]
        for query in failed { resolver?.failed(query) }
    }
}

/// The sockets of one server.
struct DNSDatagramPool {
    static let size = 8
    private static let maximumAge = TimeAmount.seconds(30)

    private var sockets = [DNSDatagramSocket?](repeating: nil, count: Self.size)

    /// A socket drawn at random, replaced if it is used up or has a query of this id.
    mutating func socket(
        for server: DNSServerAddress, id: UInt16, resolver: StubResolver, random: inout SystemRandomWords
    ) -> DNSDatagramSocket {
        let word = random.next()
        let index = Int(word % UInt64(Self.size))
        let now = NIODeadline.now()
        if let socket = sockets[index], socket.isUsable(for: id, now: now) { return socket }
        sockets[index]?.retire()
        let socket = DNSDatagramSocket(
            server: server, resolver: resolver, uses: 64 + Int(word >> 32 & 127), retireAt: now + Self.maximumAge)
        sockets[index] = socket
        socket.open(on: resolver.eventLoop)
        return socket
    }

    func retire() { for socket in sockets { socket?.retire() } }

    func close() { for socket in sockets { socket?.close() } }
}
