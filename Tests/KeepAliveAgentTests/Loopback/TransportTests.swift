import Downstream
import KeepAliveAgent
import NIOCore
import NIOPosix
import PoolModel
import TestSupport
import Testing
import Traffic

extension LoopbackTests {
    /// Plain connections on sockets of our own, and on channels of NIO's where the kernel does not let us.
    @Suite struct TransportTests {
        @Test(
            "Both transports count what the servers count, and lose nothing", arguments: [true, false], [true, false])
        func agreement(usesOwnSockets: Bool, keepAlive: Bool) async throws {
            let scenarios: [Scenario] = [.plain(), .plain("other"), .legacy, .ledger, .images]
            try await withRig(scenarios, usesOwnSockets: usesOwnSockets, { $0.keepAlive = keepAlive ? .on : .off }) {
                rig, fleet in
                let mix = scenarios.map { (Ask($0.name), weight: 1.0) }
                try await rig.load(mix, .closedLoop(40), requests: 1500)
                let totals = try await rig.snapshot().totals
                #expect(totals.requests.succeeded == 1500)
                #expect(totals.failures.isEmpty)
                try await expectAgreement(rig, fleet)
            }
        }

        @Test("More connections can be ready at once than one poll reports")
        func manyAtOnce() async throws {
            let count = 3 * 128
            try await withRig(
                [.plain()], usesOwnSockets: true,
                { settings in
                    settings.maxSocketsPerHost = count
                    settings.maxTotalSockets = count
                    settings.maxDialsPerHost = count
                    settings.maxFreeSocketsPerHost = count
                }
            ) { rig, fleet in
                for _ in 0..<3 {
                    let labels = try await rig.send(Array(repeating: Ask("plain", "/delay/20ms"), count: count))
                    #expect(labels == Array(repeating: "200", count: count))
                }
                #expect(try await rig.metrics("plain").connections.opened == count)
                try await expectAgreement(rig, fleet)
                // All are closed by the server, in one turn as far as the kernel tells.
                try await fleet.inject(.dropIdle, into: "plain")
                try await eventually("all are gone") { try await rig.snapshot().totals.connections.open == 0 }
                #expect(try await rig.metrics("plain").closes == [.peerClosedIdle: count])
            }
        }

        @Test("When a loop ends, its agent's connections close")
        func endOfTheLoop() async throws {
            let fleet = try await DownstreamFleet.start([.plain()], seed: 1)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let address = try fleet.endpoint("plain").address
            let agent = HTTPAgent(
                settings: APIWorld.patient, tls: .makeClientConfiguration(), nameServers: [], maxHosts: 1,
                group: group, usesOwnSockets: true)
            let request = HTTPRequest(method: .get, scheme: "http", authority: address, path: "/")
            #expect(try await agent.execute(request).code == 200)
            #expect(try await fleet.stats("plain").open == 1)
            try await group.shutdownGracefully()
            try await eventually("the server sees it close") { try await fleet.stats("plain").open == 0 }
            withExtendedLifetime(agent) {}
            try await fleet.shutdown()
        }
    }
}
