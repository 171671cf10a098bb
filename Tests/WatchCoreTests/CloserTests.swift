import PoolModel
import Testing

@testable import WatchCore

@Suite struct CloserTests {
    /// Answers every question about closers.
    private func answer(_ scene: inout Scene, isOurs: Bool) {
        for question in scene.machine.questions(now: scene.now) {
            if case .whoClosed(let pair) = question { scene.tell(.timeWaitFound(pair, isOurs)) }
        }
    }

    @Test(
        "TIME_WAIT tells that the process closed first, its absence that the peer did, against the segments",
        arguments: [true, false])
    func asked(isOurs: Bool) throws {
        var scene = Scene()
        scene.dump()
        scene.tell(.destroyed(Scene.ended(1, exchanges: 1, byPeer: isOurs, idle: 900)))
        #expect(try scene.host().certainty[.closer] == .estimate)
        answer(&scene, isOurs: isOurs)
        let host = try scene.host()
        #expect(host.metrics.connections.closedLocal == (isOurs ? 1 : 0))
        #expect(host.metrics.connections.closedByReason[isOurs ? .closedByProcess : .peerClosedIdle] == 1)
        #expect(host.certainty[.closer] == .exact)
        #expect(host.kernel?.deaths == (isOurs ? 0 : 1))
    }

    @Test("A peer that closes while a response is awaited did not close an idle connection")
    func active() throws {
        var scene = Scene()
        scene.dump()
        scene.tell(
            .destroyed(
                Scene.ended(1, exchanges: 1) {
                    $0.dataSegmentsSent = 2
                    ($0.lastSentMilliseconds, $0.lastReceivedMilliseconds) = (20, 700)
                }))
        answer(&scene, isOurs: false)
        let host = try scene.host()
        #expect(host.metrics.connections.closedByReason[.peerClosedActive] == 1)
        #expect(host.metrics.requests.started == 2 && host.metrics.requests.succeeded == 1)
        #expect(host.metrics.requests.inFlight == 0)
        #expect(host.kernel?.idleAgeAtDeathSeconds == nil)
    }

    @Test(
        "The age at which a server closes idle connections is the time since the last byte, and is told once a minute")
    func idleAge() throws {
        var scene = Scene()
        scene.dump()
        for cookie in UInt64(1)...9 {
            scene.tell(.destroyed(Scene.ended(cookie, exchanges: 2, idle: 995 + UInt32(cookie))))
            answer(&scene, isOurs: false)
        }
        let snapshot = scene.snapshot()
        let host = try #require(snapshot.hosts.first)
        #expect(abs(try #require(host.kernel?.idleAgeAtDeathSeconds) - 1.0) < 0.001 && host.kernel?.deaths == 9)
        #expect(snapshot.events.count == 1)
        guard case .idleClosedByPeer(let age) = try #require(snapshot.events.first).kind else {
            Issue.record("another notice")
            return
        }
        #expect(abs(age - 0.996) < 0.001 && snapshot.events.first?.hostName == "10.0.0.1:80")
        #expect(scene.snapshot().events.isEmpty)
    }

    @Test("The alert that ends a TLS session does not make an idle connection look young")
    func idleAgeOfTLS() throws {
        let tls = Endpoint(address: Scene.server.address, port: 443)
        var scene = Scene()
        scene.dump()
        scene.dump(Scene.socket(1, to: tls, exchanges: 4, idle: 200))
        scene.after(0.8)
        scene.tell(.destroyed(Scene.ended(1, to: tls, exchanges: 4) { $0.dataSegmentsReceived = 5 }))
        answer(&scene, isOurs: false)
        #expect(abs(try #require(scene.host().kernel?.idleAgeAtDeathSeconds) - 1.0) < 0.001)
    }

    @Test("A closed connection that was seen half closed needs no question")
    func halfClosed() throws {
        var scene = Scene()
        scene.dump()
        scene.dump(Scene.socket(1, state: .closeWait), Scene.socket(2, state: .established))
        scene.dump(Scene.socket(1, state: .closeWait), Scene.socket(2, state: .finWait2))
        scene.tell(.destroyed(Scene.ended(1)))
        scene.tell(.destroyed(Scene.ended(2)))
        let asked = scene.machine.questions(now: scene.now).contains { if case .whoClosed = $0 { true } else { false } }
        #expect(!asked)
        let host = try scene.host()
        #expect(host.metrics.connections.closedByReason[.peerClosedIdle] == 1)
        #expect(host.metrics.connections.closedByReason[.closedByProcess] == 1 && host.certainty[.closer] == .exact)
    }

    @Test("The kernel is asked about a hundred in a second, and the others follow what it said")
    func sample() throws {
        var scene = Scene()
        scene.dump()
        var questions = 0
        // Both sides close at once, so that the segments look as if the peer did; the process closed three of four.
        for index in UInt64(1)...4000 {
            scene.after(0.001)
            scene.tell(.destroyed(Scene.ended(index, exchanges: 1)))
            for question in scene.machine.questions(now: scene.now) {
                guard case .whoClosed(let pair) = question else { continue }
                questions += 1
                scene.tell(.timeWaitFound(pair, index % 4 != 0))
            }
        }
        let counts = try scene.host().metrics.connections
        #expect((300...520).contains(questions))
        #expect(counts.closed == 4000 && counts.closedByReason.total == 4000)
        #expect(abs(Double(counts.closedLocal) / 4000 - 0.75) < 0.08)
        #expect(try scene.host().certainty[.closer] == .estimate)
    }

    @Test("The kernel's trace tells the owner and the closer of a connection that no dump saw")
    func trace() throws {
        var scene = Scene()
        scene.tell(.processesRead([Scene.process(5), Scene.process(6)]))
        scene.dump()
        let pair = Scene.ended(1).pair
        scene.tell(.stateTraced(TracedChange(pair: pair, old: .closed, new: .synSent, pid: 6)))
        scene.tell(.stateTraced(TracedChange(pair: pair, old: .established, new: .finWait1, pid: 0)))
        scene.tell(.destroyed(Scene.ended(1, exchanges: 1)))
        let snapshot = scene.snapshot()
        #expect(snapshot.source?.processes?.first?.pid == 6 && snapshot.source?.processes?.first?.closedByUs == 1)
        #expect(snapshot.source?.processes?.first?.connectionsCertainty == .exact)
        #expect(snapshot.hosts[0].certainty[.closer] == .exact)
        #expect(snapshot.source?.notes.contains { $0.label == .traced } == true)
        #expect(scene.machine.traces.isEmpty)
    }
}
