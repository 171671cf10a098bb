import AgentCore
import PoolModel
import Testing

@Suite struct ErrorDetailTests {
    @Test(
        "A failure says where the request went and how far it had come",
        arguments: [
            (ConnectionPhase.resolving, RequestPhase.resolving), (.connecting, .connecting),
            (.handshaking, .handshaking), (.writing, .writing), (.awaitingHead, .awaitingHead),
            (.readingBody, .readingBody),
        ])
    func phase(connection: ConnectionPhase, expected: RequestPhase) throws {
        var stage = try Stage(connection)
        let request = try #require(stage.request)
        switch connection {
        case .resolving: stage.rig.pass(3600)
        case .connecting: try stage.rig.refuse()
        case .handshaking, .writing, .awaitingHead, .readingBody:
            stage.rig.peerEnds(stage.id, .finished, sawByte: true, cause: .peerClosed)
        case .idle, .draining: break
        }
        let error = try #require(stage.rig.errors[request])
        #expect(error.phase == expected && error.origin == stage.rig.machine.hosts[0].description.origin)
        #expect((error.tlsFailure != nil) == (connection == .handshaking))
    }

    @Test("A TLS failure keeps its reason until the host's next event", arguments: TLSFailure.allCases)
    func reason(_ reason: TLSFailure) throws {
        var stage = try Stage(.handshaking)
        let request = try #require(stage.request)
        stage.rig.send(.handshakeFailed(stage.id, reason))
        let error = try #require(stage.rig.errors[request])
        #expect(error.cause == reason.cause && error.tlsFailure == reason && error.lastConnectFailure == reason.cause)
        let snapshot = stage.rig.snapshot()
        #expect(snapshot.hosts[0].lastTLSFailure == reason && snapshot.hosts[0].lastConnectFailure == reason.cause)
        let notice = snapshot.events.last
        #expect(notice?.kind == .hostUnreachable(reason.cause, reason) && notice?.hostName == "a")
        stage.rig.pass(1)
        stage.rig.arrive(stage.host)
        try stage.rig.refuse()
        let host = stage.rig.host(stage.host)
        #expect(host.lastTLSFailure == nil && host.lastConnectFailure == .connectRefused)
    }

    @Test("A server that requests a certificate after the handshake does not count as closed")
    func lateRefusal() throws {
        var stage = try Stage(.handshaking)
        let request = try #require(stage.request)
        stage.rig.send(.handshakeCompleted(stage.id, resumed: false))
        stage.rig.send(.requestWritten(stage.id, bytes: 1))
        stage.rig.peerEnds(stage.id, .tls(.clientCertificateWanted), cause: .tlsHandshakeFailed)
        let error = try #require(stage.rig.errors[request])
        #expect(error.cause == .tlsHandshakeFailed && error.tlsFailure == .clientCertificateWanted)
        #expect(error.phase == .awaitingHead)
    }
}
