import Downstream
import KeepAliveAgent
import PoolModel
import Testing

extension LoopbackTests {
    /// Response heads are captured for a host that is being inspected, and for no other.
    @Suite struct ObservedResponseHeadTests {
        @Test("The head of the next response is captured")
        func theHeadOfTheNextResponseIsKept() async throws {
            let scenario = Scenario.plain { $0.keepAliveHint = .init(timeoutSeconds: 60) }
            try await withRig([scenario, .plain("other")]) { rig, _ in
                _ = try await rig.send(Ask("plain"))
                // Nobody had asked before that response came.
                #expect(try await rig.snapshot().hosts[0].head == nil)
                #expect(try await rig.snapshot(sockets: true).hosts[0].head == nil)
                _ = try await rig.send(Ask("plain"))
                let hosts = try await rig.snapshot(sockets: true).hosts
                let head = try #require(hosts[0].head)
                #expect(head.status == 200 && head.ageSeconds >= 0)
                let hint = head.fields.first { $0.name.lowercased() == "keep-alive" }
                #expect(hint?.value.contains("timeout=60") == true)
                #expect(head.fields.allSatisfy { HeadSnapshot.names.contains($0.name.lowercased()) })
                #expect(hosts[1].head == nil)
                // A reader of figures only sees none and takes none away.
                #expect(try await rig.snapshot().hosts[0].head == nil)
            }
        }

        @Test("Each captured head is a later one")
        func everyHeadIsALaterOne() async throws {
            try await withRig([.plain()]) { rig, _ in
                var statuses: [Int] = []
                for path in ["/", "/status/503", "/close"] {
                    _ = try await rig.snapshot(sockets: true)
                    _ = try await rig.send(Ask("plain", path))
                    let head = try #require(try await rig.snapshot(sockets: true).hosts[0].head)
                    statuses.append(head.status)
                    let closes = head.fields.contains { $0.name.lowercased() == "connection" && $0.value == "close" }
                    #expect(closes == (path == "/close"))
                }
                #expect(statuses == [200, 503, 200])
            }
        }
    }
}
