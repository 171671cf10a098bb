import DNSWire
import KeepAliveAgent
import NIOCore
import NIOPosix
import TestSupport
import Testing

@Suite("DNS: stub resolver on loopback", .timeLimit(.minutes(5)))
struct StubResolverTests {
    @Test("A lookup returns the server's answer")
    func anAnswerComesBack() async throws {
        try await withResolver([{ [.message(answer($0, 7, ttlSeconds: 9))] }]) { resolver, servers in
            #expect(await resolver.resolve("www.test") == one(7, ttlSeconds: 9))
            #expect(servers[0].asked.count == 1)
            #expect(await resolver.queriesSent == 1)
        }
    }

    @Test("Both families are queried from one port")
    func bothFamiliesLeaveFromOnePort() async throws {
        let both: @Sendable (inout ResolverConfiguration) -> Void = { $0.queriesIPv6 = true }
        try await withResolver([{ [.message(answer($0, 7))] }], configure: both) { resolver, servers in
            #expect(await resolver.resolve("www.test") == one(7))
            let asked = servers[0].asked
            #expect(asked.map(\.message.questions.first?.type) == [.a, .aaaa])
            #expect(Set(asked.map(\.fromPort)).count == 1 && Set(asked.map(\.message.id)).count == 2)
            #expect(await resolver.queriesSent == 2)
        }
    }

    @Test("Forged and invalid messages are ignored")
    func forgeriesAndJunkArePassedOver() async throws {
        let script: ScriptedDNSServer.Script = { asked in
            var wrongID = answer(asked, 66)
            wrongID.id ^= 0x5555
            var wrongQuestion = answer(asked, 66)
            wrongQuestion.questions = [Question(name: .root, type: .a)]
            let broken = Array(answer(asked, 66).encoded().dropLast())
            return [
                .fromElsewhere(answer(asked, 66)), .message(wrongID), .message(wrongQuestion), .bytes([]),
                .bytes([1]), .bytes(broken), .message(asked.message), .message(answer(asked, 7)),
            ]
        }
        try await withResolver([script]) { resolver, _ in
            for _ in 0..<20 { #expect(await resolver.resolve("www.test") == one(7)) }
            #expect(await resolver.read { $0.strayDatagrams } >= 20)
            #expect(await resolver.read { $0.ignoredEvents } >= 40)
            #expect(await resolver.read { $0.unreadableMessages } == 20)
        }
    }

    @Test("A truncated answer is repeated over TCP")
    func truncationGoesOverTCP() async throws {
        let script: ScriptedDNSServer.Script = { asked in
            if asked.isStream { return [.message(answer(asked, 1, 2, 3))] }
            var short = asked.message.response()
            short.isTruncated = true
            return [.message(short)]
        }
        try await withResolver([script]) { resolver, servers in
            let all = [1, 2, 3].map { IPAddress(v4: $0) }
            #expect(await resolver.resolve("www.test") == .addresses(all, ttlSeconds: 60, source: .dns))
            #expect(servers[0].asked.map(\.isStream) == [false, true])
            #expect(await resolver.queriesSent == 2)
        }
    }

    @Test("A TCP connection that ends or sends nonsense leads to the next server")
    func aStreamThatEndsOrBabblesLeadsOn() async throws {
        let truncated: @Sendable (ScriptedDNSServer.Asked) -> Message = {
            var short = $0.message.response()
            short.isTruncated = true
            return short
        }
        let ends: ScriptedDNSServer.Script = { $0.isStream ? [.silence] : [.message(truncated($0))] }
        let babbles: ScriptedDNSServer.Script = { $0.isStream ? [.bytes([1, 2, 3])] : [.message(truncated($0))] }
        try await withResolver([ends, babbles, { [.message(answer($0, 7))] }]) { resolver, servers in
            #expect(await resolver.resolve("www.test") == one(7))
            #expect(servers.map(\.asked.count) == [2, 2, 1])
        }
    }

    @Test("A timeout leads to the next server")
    func silenceLeadsToTheNextServer() async throws {
        try await withResolver(
            [{ _ in [.silence] }, { [.message(answer($0, 7))] }], configure: { $0.timeoutSeconds = 1 }
        ) { resolver, servers in
            #expect(await resolver.resolve("www.test") == one(7))
            try await eventually("the first was asked") { servers[0].asked.count >= 1 }
        }
    }

    @Test("A timeout of all servers is reported as such")
    func allSilentIsATimeout() async throws {
        try await withResolver([{ _ in [.silence] }]) { resolver, servers in
            let clock = ContinuousClock()
            let taken = await clock.measure {
                #expect(await resolver.resolve("www.test", milliseconds: 200) == .timeout)
            }
            #expect(taken >= .milliseconds(199))
            // The second question is due half-way; a loop that is held up until the limit no longer sends it.
            let sent = await resolver.queriesSent
            #expect((1...2).contains(sent))
            try await eventually("every question has arrived") { servers[0].asked.count == sent }
        }
    }

    /// The kernel says so at once (ICMP port unreachable): no timeout is waited for.
    @Test("A closed port leads to the next server")
    func aClosedPortLeadsToTheNextServer() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let gone = try await ScriptedDNSServer.start(on: group) { _ in [.silence] }
        try await gone.stop()
        let dead = gone.server
        try await withResolver(
            [{ [.message(answer($0, 7))] }],
            configure: {
                $0.servers.insert(dead, at: 0)
                $0.timeoutSeconds = 30
            }
        ) { resolver, _ in
            for _ in 0..<20 { #expect(await resolver.resolve("www.test", milliseconds: 20_000) == one(7)) }
        }
    }

    @Test("Ports change and stay unpredictable")
    func portsChangeAndStayUnpredictable() async throws {
        try await withResolver([{ [.message(answer($0, 7))] }]) { resolver, servers in
            for _ in 0..<1500 { #expect(await resolver.resolve("www.test") == one(7)) }
            let asked = servers[0].asked
            let ports = Set(asked.map(\.fromPort))
            #expect(ports.count >= 8 && ports.count <= 60, "\(ports.count) ports")
            #expect(Set(asked.map(\.message.id)).count > 1400)
            // Not all from one socket, one after the other.
            let changes = zip(asked, asked.dropFirst()).filter { $0.fromPort != $1.fromPort }.count
            #expect(changes > 1000)
        }
    }

    @Test("Many lookups can be in progress at once")
    func manyLookupsAtOnce() async throws {
        let both: @Sendable (inout ResolverConfiguration) -> Void = { $0.queriesIPv6 = true }
        try await withResolver([{ [.message(answer($0, 7))] }], configure: both) { resolver, servers in
            await withTaskGroup { group in
                // No more than fit into the receive buffer of the server's one socket.
                for number in 0..<64 {
                    group.addTask {
                        for _ in 0..<8 { #expect(await resolver.resolve("www\(number).test") == one(7)) }
                    }
                }
            }
            #expect(servers[0].asked.count >= 1024)
            #expect(await resolver.read { $0.lookupsInFlight } == 0)
        }
    }

    @Test("No server is asked for names in the hosts file or for addresses")
    func noServerIsAskedForHostsAndAddresses() async throws {
        let hosts: @Sendable (inout ResolverConfiguration) -> Void = {
            $0.hosts = HostsFile(text: "192.0.2.1 web.test")
        }
        try await withResolver([{ _ in [.silence] }], configure: hosts) { resolver, servers in
            let expected = ResolutionOutcome.addresses(
                [IPAddress(v4: 0xC000_0201)], ttlSeconds: 3600, source: .hostsFile)
            #expect(await resolver.resolve("web.test") == expected)
            #expect(servers[0].asked.isEmpty)
        }
    }

    @Test("`close` ends every lookup once")
    func closeEndsEveryLookupOnce() async throws {
        try await withResolver([{ _ in [.silence] }]) { resolver, servers in
            let outcomes = await withTaskGroup { group in
                for _ in 0..<10 { group.addTask { await resolver.resolve("www.test") } }
                group.addTask {
                    while servers[0].asked.count < 10 { await Task.yield() }
                    await resolver.close()
                    return .serverFailure
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes == Array(repeating: .serverFailure, count: 11))
            #expect(await resolver.resolve("www.test") == .serverFailure)
        }
    }

    /// A completion may ask again, or close, while effects are being performed.
    @Test("A completion handler may call the resolver")
    func completionsMayCallBack() async throws {
        try await withResolver([{ [.message(answer($0, 7))] }]) { resolver, _ in
            let outcome: ResolutionOutcome = await withCheckedContinuation { continuation in
                Task {
                    await resolver.read { stub in
                        stub.resolve("a.test", timeout: 1_000_000_000) { _ in
                            stub.resolve("localhost", timeout: 1_000_000_000) { _ in
                                stub.resolve("b.test", timeout: 1_000_000_000) { outcome in
                                    stub.close()
                                    continuation.resume(returning: outcome)
                                }
                            }
                        }
                    }
                }
            }
            #expect(outcome == one(7))
        }
    }

    @Test("The system's configuration is read")
    func theSystemsConfigurationIsRead() {
        let missing = ResolverFiles(resolvConf: "/nonexistent/a", hosts: "/nonexistent/b")
        #expect(missing.read() == ResolverConfiguration())
        #expect(!ResolverFiles().read().servers.isEmpty)
    }

    @Test(
        "Addresses can be converted to socket addresses and back",
        arguments: ["192.0.2.1", "::1", "2001:db8::ff00:42", "0.0.0.0"])
    func socketAddresses(_ text: String) throws {
        let address = try #require(IPAddress(text))
        let socket = try SocketAddress(address, port: 5353)
        #expect(socket.ip == address && socket.port == 5353)
        #expect(try socket == SocketAddress(ipAddress: text, port: 5353))
    }

    @Test("A zone becomes the interface's number and is read back as its name")
    func scopedSocketAddresses() throws {
        let address = try #require(IPAddress("fe80::1%lo"))
        let socket = try SocketAddress(address, port: 53)
        #expect(socket.ip == address)
        let number = try #require(IPAddress("fe80::1%1"))
        #expect(try SocketAddress(number, port: 53) == socket, "the loopback interface is the first")
        #expect(try socket != SocketAddress(address.withoutZone, port: 53))
        let absent = try #require(IPAddress("fe80::1%no-such-if"))
        #expect(throws: (any Error).self) { try SocketAddress(absent, port: 53) }
        #expect(
            IPAddress("fe80::1")?.inZone(try #require(AddressZone(interface: .max)))?.description
                == "fe80::1%4294967295")
    }
}
