import DNSWire
import PoolModel
import Testing

@testable import WatchCore

@Suite struct WatchMachineTests {
    @Test("Sockets of the first dump are open, but were not opened")
    func base() throws {
        var scene = Scene()
        scene.dump(Scene.socket(1, exchanges: 40))
        scene.after(1)
        scene.dump(Scene.socket(1, exchanges: 42), Scene.socket(2, exchanges: 1))
        let counts = try scene.host().metrics
        #expect(counts.connections.opened == 1 && counts.connections.open == 2)
        #expect(counts.requests.succeeded == 3 && counts.requests.onReusedConnection == 2)
        #expect(counts.bytes.sent == 300 && counts.bytes.received == 900)
    }

    @Test("A connection that no dump saw was opened and closed, once")
    func unseen() throws {
        var scene = Scene()
        scene.dump()
        scene.tell(.destroyed(Scene.ended(5, exchanges: 3)))
        scene.tell(.destroyed(Scene.ended(5, exchanges: 3)))
        let snapshot = scene.snapshot()
        #expect(snapshot.totals.connections.opened == 1 && snapshot.totals.connections.closed == 1)
        #expect(snapshot.totals.requests.succeeded == 3 && snapshot.totals.requests.onNewConnection == 1)
        #expect(snapshot.totals.bytes.sent == 300 && snapshot.totals.bytes.received == 900)
        #expect(snapshot.ignoredEvents == 1)
    }

    @Test("A dump from before does not bring back a socket that is gone")
    func staleDump() {
        var scene = Scene()
        scene.dump()
        scene.tell(.destroyed(Scene.ended(5)))
        scene.dump(Scene.socket(5))
        #expect(scene.snapshot().totals.connections.open == 0)
        #expect(scene.snapshot().totals.connections.opened == 1)
    }

    @Test("The server's end of a connection on this machine, a failed connect and TIME_WAIT's other half do not count")
    func otherSockets() {
        var scene = Scene()
        let listener = SocketRecord(
            cookie: 90, state: .listen,
            pair: SocketPair(
                local: Endpoint(address: IPAddress(ipv4: 0), port: 39_000),
                remote: Endpoint(address: IPAddress(ipv4: 0), port: 0)))
        let served = Endpoint(address: Scene.client, port: 50_123)
        scene.dump(listener, Scene.socket(6, port: 39_000, to: served))
        scene.tell(.destroyed(Scene.ended(7, port: 39_000, to: served)))
        scene.tell(.destroyed(Scene.ended(8, to: Endpoint(address: Scene.server.address, port: 0))))
        scene.tell(.destroyed(Scene.ended(9) { $0 = TCPFigures() }))
        scene.after(1)
        scene.dump(listener, Scene.socket(10, state: .finWait2), Scene.socket(11, state: .synSent))
        #expect(scene.snapshot().hosts.isEmpty)
    }

    @Test("A new connection with the same ends is a second one, though one of them had no dump between")
    func portReuse() throws {
        var scene = Scene()
        scene.dump()
        scene.dump(Scene.socket(1, port: 41_000, exchanges: 1))
        scene.dump(Scene.socket(2, port: 41_000, exchanges: 5))
        scene.tell(.destroyed(Scene.ended(1, port: 41_000, exchanges: 2)))
        let counts = try scene.host().metrics
        #expect(counts.connections.opened == 2 && counts.connections.open == 1 && counts.connections.closed == 1)
        #expect(counts.requests.succeeded == 7)
    }

    @Test("A socket that dumps miss is gone only when no message came for two dumps and a second")
    func missing() throws {
        var scene = Scene()
        scene.dump(Scene.socket(1))
        for _ in 0..<5 {
            scene.after(0.1)
            scene.dump()
        }
        #expect(try scene.host().metrics.connections.open == 1)
        scene.after(1)
        scene.dump()
        let counts = try scene.host().metrics.connections
        #expect(counts.open == 0 && counts.closed == 1 && counts.closedByReason[.closerUnknown] == 1)
        scene.tell(.destroyed(Scene.ended(1)))
        #expect(try scene.host().metrics.connections.closed == 1)
    }

    @Test("A connection is active while data was sent more lately than any came")
    func activity() throws {
        var scene = Scene()
        scene.dump()
        scene.dump(
            Scene.socket(1, exchanges: 2, idle: 500),
            Scene.socket(2, exchanges: 2) {
                $0.dataSegmentsSent = 3
                ($0.lastSentMilliseconds, $0.lastReceivedMilliseconds) = (250, 900)
            },
            // The response to the second request began long ago, in 30 segments for the first one; the third is awaited.
            Scene.socket(3, exchanges: 3) {
                $0.dataSegmentsReceived = 60
                ($0.lastSentMilliseconds, $0.lastReceivedMilliseconds) = (10, 20)
            })
        scene.after(0.5)
        let snapshot = scene.snapshot(socketsFor: [0])
        let host = try #require(snapshot.hosts.first)
        #expect(host.metrics.connections.active == 2 && host.metrics.connections.idle == 1)
        #expect(host.metrics.requests.succeeded == 6 && host.metrics.requests.started == 8)
        #expect(host.metrics.requests.inFlight == 2)
        let sockets = try #require(host.sockets)
        #expect(sockets.map(\.state) == [.idle, .awaitingHead, .awaitingHead])
        #expect(sockets.map(\.exchanges) == [2, 3, 3] && sockets[0].localPort == 40_001)
        #expect(sockets[0].idleSeconds == 1.0 && sockets[1].exchangeSeconds == 0.75)
        #expect(sockets[0].peer == "10.0.0.1:80" && sockets[0].roundTripSeconds == 0.0004)
        #expect(host.kernel?.roundTripSeconds == 0.0004)
    }

    @Test("A handshake of TLS is no request, and segments full in both directions tell none")
    func requestsThatCannotBeCounted() throws {
        var scene = Scene()
        let tls = Endpoint(address: Scene.server.address, port: 443)
        let upload = Endpoint(address: Scene.server.address, port: 8080)
        let frames = Endpoint(address: Scene.server.address, port: 8443)
        scene.dump()
        scene.tell(.destroyed(Scene.ended(1, to: tls, exchanges: 5)))
        scene.tell(
            .destroyed(
                Scene.ended(2, to: upload) {
                    ($0.dataSegmentsSent, $0.dataSegmentsReceived) = (2100, 21_000)
                    ($0.bytesAcknowledged, $0.bytesReceived) = (2100 * 1448, 21_000 * 1448)
                }))
        scene.tell(
            .destroyed(
                Scene.ended(3, to: frames) {
                    ($0.dataSegmentsSent, $0.dataSegmentsReceived) = (400, 900)
                    ($0.bytesAcknowledged, $0.bytesReceived) = (40_000, 300_000)
                }))
        let snapshot = scene.snapshot()
        #expect(snapshot.hosts.map { $0.certainty[.requests] } == [.estimate, .unknown, .unknown])
        #expect(snapshot.hosts.map { $0.certainty[.reuse] } == [.estimate, .unknown, .unknown])
        #expect(snapshot.hosts[0].metrics.requests.succeeded == 3 && snapshot.hosts[0].isTLS)
        let notes = snapshot.source?.notes.filter { $0.label == .notCountable }.map(\.subject)
        #expect(notes == ["10.0.0.1:8080", "10.0.0.1:8443"])
    }

    @Test("Ends with one name are one host, and one without a name is its address")
    func names() throws {
        var scene = Scene()
        let second = Endpoint(address: IPAddress(ipv4: 0x0a00_0009), port: 80)
        let six = Endpoint(address: IPAddress(high: 0x2001_0db8 << 32, low: 1), port: 80)
        scene.dump(Scene.socket(1), Scene.socket(2, to: second), Scene.socket(3, to: six))
        #expect(scene.snapshot().hosts.map(\.name) == ["10.0.0.1:80", "10.0.0.9:80", "[2001:db8::1]:80"])
        scene.tell(.namesLearnt([Scene.server: "search", second: "search:80"]))
        scene.tell(.timeWaitsDumped([Scene.server: 3, second: 4], inAll: 7))
        let hosts = scene.snapshot().hosts
        #expect(hosts.map(\.name) == ["search:80", "[2001:db8::1]:80"] && hosts.map(\.id) == [0, 2])
        #expect(hosts[0].addresses.map(\.address) == ["10.0.0.1:80", "10.0.0.9:80"])
        #expect(hosts[0].metrics.connections.open == 2 && hosts[0].kernel?.timeWait == 7)
        #expect(hosts[1].kernel?.timeWait == 0)
        // The key `n` shows addresses.
        scene.machine.show(names: false)
        #expect(scene.snapshot().hosts.map(\.name) == ["10.0.0.1:80", "10.0.0.9:80", "[2001:db8::1]:80"])
    }

    @Test(
        "Which end connected is told by the SYN among the acknowledged bytes, before a server is known to listen",
        arguments: [
            (TCPState.established, UInt64(101), true), (.established, 100, false), (.closeWait, 101, true),
            (.closed, 102, true), (.closed, 101, false), (.closed, 100, false), (.synSent, 0, true),
        ])
    func unknownListener(state: TCPState, acknowledged: UInt64, isOutbound: Bool) {
        let server = Endpoint(address: Scene.client, port: 41_000)
        let record = Scene.socket(7, to: server, exchanges: 1, state: state) {
            ($0.bytesAcknowledged, $0.bytesSent) = (acknowledged, 100)
        }
        var listeners = Listeners()
        #expect(listeners.isOutbound(record) == isOutbound)
        listeners.note(server, now: .zero)
        #expect(listeners.isOutbound(record))
    }

    @Test("An address that its name no longer leads to is marked, until an answer has it again")
    func leftDNS() throws {
        var scene = Scene()
        let second = Endpoint(address: IPAddress(ipv4: 0x0a00_0009), port: 80)
        scene.dump(Scene.socket(1), Scene.socket(2, to: second))
        scene.tell(.namesLearnt([Scene.server: "search", second: "search"]))
        #expect(try scene.host().addresses.map(\.isInDNS) == [true, true])
        scene.tell(.addressesLeft([second]))
        #expect(try scene.host().addresses.map(\.isInDNS) == [true, false])
        scene.tell(.namesLearnt([second: "search"]))
        #expect(try scene.host().addresses.map(\.isInDNS) == [true, true])
    }

    @Test(
        "A host or a port narrows the hosts down",
        arguments: [
            ("search", nil, 1), ("search:80", nil, 1), ("10.0.0.1", nil, 1), ("10.0.0.1:80", nil, 1),
            ("10.0.0.1:81", nil, 0),
            (nil, 80, 1), (nil, 81, 1), (nil, 82, 0), (nil, nil, 2),
        ] as [(String?, Int?, Int)])
    func filter(host: String?, port: Int?, count: Int) {
        var settings = WatchSettings()
        (settings.host, settings.port) = (host, port)
        var scene = Scene(settings)
        let other = Endpoint(address: IPAddress(ipv4: 0x0a00_0009), port: 81)
        scene.dump(Scene.socket(1), Scene.socket(2, to: other))
        scene.tell(.namesLearnt([Scene.server: "search"]))
        #expect(scene.snapshot().hosts.count == count)
    }

    @Test("Groups that the kernel cannot know are unknown, and bytes are exact")
    func certainty() throws {
        var scene = Scene()
        scene.dump(Scene.socket(1))
        let known = try scene.host().certainty
        for group in [
            FigureGroup.statuses, .latency, .queue, .errors, .resumption, .limits, .dials, .tls,
        ] {
            #expect(known[group] == .unknown, "\(group)")
        }
        #expect(known[.dns] == .unknown && known[.cpu] == .unknown)
        #expect(known[.requests] == .estimate && known[.activity] == .estimate)
        #expect(known[.bytes] == .exact && known[.connections] == .exact && known[.closer] == .exact)
        #expect(known[.closeReasons] == .exact)
    }
}
