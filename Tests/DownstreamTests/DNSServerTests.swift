import DNSWire
import Downstream
import NIOCore
import NIOPosix
import Testing

@Suite struct DNSServerTests {
    private let search = DomainName("search.pooltop.test") ?? .root

    private func addresses(_ message: Message) -> [String] {
        message.answers.compactMap {
            if case .address(let address) = $0.data { "\(address)" } else { nil }
        }
    }

    @Test("Records rotate with their TTL and are counted")
    func recordsRotateWithTheirTTLAndAreCounted() async throws {
        try await withFleet([.search]) { fleet in
            let all = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
            for first in 0..<4 {
                let answer = try await DNSClient.ask(fleet, search, .a)
                #expect(answer.isAuthoritative && answer.responseCode == .noError)
                #expect(answer.answers.allSatisfy { $0.ttlSeconds == 5 })
                #expect(addresses(answer) == Array(all[(first % 3)...] + all[..<(first % 3)]))
            }
            let stats = try await fleet.dnsStats()
            #expect(stats.queries == 4 && stats.byName == ["search.pooltop.test": ["A": 4]])
            #expect(stats.queries(for: "Search.pooltop.test") == 4)
        }
    }

    @Test("IPv6 addresses and unknown names do not exist")
    func thereIsNoIPv6AndNoSuchName() async throws {
        try await withFleet([.search]) { fleet in
            let noData = try await DNSClient.ask(fleet, search, .aaaa)
            #expect(noData.responseCode == .noError && noData.answers.isEmpty)
            let unknown = try await DNSClient.ask(fleet, DomainName("nobody.pooltop.test") ?? .root, .a)
            #expect(unknown.responseCode == .nameError)
            for message in [noData, unknown] {
                guard case .soa(let soa) = message.authorities.first?.data else {
                    Issue.record("no SOA")
                    continue
                }
                #expect(soa.minimumSeconds == 5 && message.authorities.first?.name == DomainName("pooltop.test"))
            }
            let foreign = try await DNSClient.ask(fleet, DomainName("example.org") ?? .root, .a)
            #expect(foreign.responseCode == .refused)
            let stats = try await fleet.dnsStats()
            #expect(stats.byName == ["search.pooltop.test": ["AAAA": 1], "*": ["A": 2]])
            #expect(stats.byResponse == ["NOERROR": 1, "NXDOMAIN": 1, "REFUSED": 1])
        }
    }

    @Test("TCP gives the same answers, and truncation redirects clients to it")
    func tcpAnswersTheSameAndTruncationSendsPeopleThere() async throws {
        try await withFleet([.search]) { fleet in
            try await fleet.inject(.dns(.truncation), into: "search")
            let short = try await DNSClient.ask(fleet, search, .a)
            #expect(short.isTruncated && short.answers.isEmpty)
            let full = try await DNSClient.askOverTCP(fleet, [search, search])
            #expect(full.map { addresses($0).count } == [3, 3] && full.allSatisfy { !$0.isTruncated })
            let stats = try await fleet.dnsStats()
            #expect(stats.queries == 3 && stats.queriesOverTCP == 2)
        }
    }

    @Test("Faults change the answer, and recovery restores it")
    func faultsChangeTheAnswerAndRecoveryBringsItBack() async throws {
        try await withFleet([.search]) { fleet in
            try await fleet.inject(.dns(.records(addresses: ["127.0.0.9"], ttlSeconds: 1)), into: "search")
            var answer = try await DNSClient.ask(fleet, search, .a)
            #expect(addresses(answer) == ["127.0.0.9"] && answer.answers.first?.ttlSeconds == 1)
            try await fleet.inject(.dns(.serverFailure), into: "search")
            #expect(try await DNSClient.ask(fleet, search, .a).responseCode == .serverFailure)
            try await fleet.inject(.dns(.nameError), into: "search")
            #expect(try await DNSClient.ask(fleet, search, .a).responseCode == .nameError)
            try await fleet.inject(.dns(.records(addresses: [], ttlSeconds: nil)), into: "search")
            answer = try await DNSClient.ask(fleet, search, .a)
            #expect(answer.responseCode == .noError && answer.answers.isEmpty && !answer.authorities.isEmpty)
            try await fleet.inject(.recover, into: "search")
            answer = try await DNSClient.ask(fleet, search, .a)
            #expect(addresses(answer).count == 3 && answer.answers.first?.ttlSeconds == 5)
        }
    }

    @Test(
        "A fault cannot send clients to another machine, because addresses must be loopback",
        arguments: [
            "192.0.2.1", "0.0.0.0", "128.0.0.1", "126.255.255.255", "::", "::2", "2001:db8::1", "fe80::1",
            "::ffff:192.0.2.1",
            "::127.0.0.1", "localhost", "127.1", "",
        ]) func foreignAddresses(address: String) async throws
    {
        try await withFleet([.search]) { fleet in
            await #expect(throws: ScenarioError.invalidAddress(scenario: "search", address: address)) {
                try await fleet.inject(
                    .dns(.records(addresses: ["127.0.0.9", address], ttlSeconds: 1)), into: "search")
            }
            #expect(addresses(try await DNSClient.ask(fleet, search, .a)).count == 3, "nothing has changed")
            try await fleet.inject(.dns(.records(addresses: ["127.9.9.9", "::1"], ttlSeconds: 1)), into: "search")
            #expect(addresses(try await DNSClient.ask(fleet, search, .aaaa)) == ["::1"])
        }
    }

    @Test("Unanswered queries are counted")
    func silenceIsCountedAndNotAnswered() async throws {
        try await withFleet([.search, .catalog]) { fleet in
            try await fleet.inject(.dns(.silence), into: "search")
            let client = try await DNSClient(fleet)
            try await client.send(.query(id: 1, name: search, type: .a))
            try await client.send(.query(id: 2, name: DomainName("catalog.pooltop.test") ?? .root, type: .a))
            // Datagrams on loopback stay in order: an answer to the first would have come before this one.
            #expect(try await client.receive().id == 2)
            try await client.close()
            #expect(try await fleet.dnsStats().byResponse == ["none": 1, "NOERROR": 1])
        }
    }

    @Test("Invalid messages are counted and not answered")
    func garbageIsCountedAndNotAnswered() async throws {
        try await withFleet([.search]) { fleet in
            let client = try await DNSClient(fleet)
            try await client.send(bytes: [1, 2, 3])
            try await client.send(Message.query(id: 7, name: search, type: .a).response())
            try await client.send(.query(id: 8, name: search, type: .a))
            #expect(try await client.receive().id == 8)
            try await client.close()
            let stats = try await fleet.dnsStats()
            #expect(stats.malformed == 2 && stats.queries == 1)
        }
    }
}

/// A UDP socket that speaks to the fleet's DNS server.
final class DNSClient: Sendable {
    private let channel: any Channel
    private let inbox: NIOLoopBound<Datagrams>
    private let server: SocketAddress

    init(_ fleet: DownstreamFleet) async throws {
        let parts = fleet.dnsAddress.split(separator: ":").map(String.init)
        server = try SocketAddress(ipAddress: parts[0], port: Int(parts[1]) ?? 0)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let inbox = try await loop.submit { NIOLoopBound(Datagrams(), eventLoop: loop) }.get()
        self.inbox = inbox
        channel = try await DatagramBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(inbox.value) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func send(_ message: Message) async throws { try await send(bytes: message.encoded()) }

    func send(bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: server, data: ByteBuffer(bytes: bytes)))
    }

    func receive() async throws -> Message {
        let (loop, inbox) = (channel.eventLoop, inbox)
        let bytes = try await loop.flatSubmit { inbox.value.next(on: loop) }.get()
        return try Message(decoding: bytes)
    }

    func close() async throws { try await channel.close() }

    static func ask(_ fleet: DownstreamFleet, _ name: DomainName, _ type: RecordType) async throws -> Message {
        let client = try await DNSClient(fleet)
        try await client.send(.query(id: 4711, name: name, type: type))
        let answer = try await client.receive()
        try await client.close()
        #expect(answer.id == 4711 && answer.isResponse)
        return answer
    }

    /// All on one connection, sent before the first answer is read.
    static func askOverTCP(_ fleet: DownstreamFleet, _ names: [DomainName]) async throws -> [Message] {
        let wire = try await Wire(fleet.dnsAddress)
        for name in names {
            let bytes = Message.query(id: 1, name: name, type: .a).encoded()
            try await wire.send(bytes: [UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes)
        }
        var answers: [Message] = []
        for _ in names {
            let bytes = try await wire.wait { $0.received.readLengthPrefixedSlice(as: UInt16.self) }
            answers.append(try Message(decoding: Array(bytes.readableBytesView)))
        }
        try await wire.close()
        return answers
    }
}

private final class Datagrams: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private var received: [[UInt8]] = []
    private var waiting: EventLoopPromise<[UInt8]>?

    func next(on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        guard received.isEmpty else { return loop.makeSucceededFuture(received.removeFirst()) }
        let promise = loop.makePromise(of: [UInt8].self)
        waiting = promise
        loop.scheduleTask(in: Wire.patience) { promise.fail(WireError(description: "no datagram came")) }
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).data.readableBytesView)
        if let waiting {
            self.waiting = nil
            waiting.succeed(bytes)
        } else {
            received.append(bytes)
        }
    }
}
