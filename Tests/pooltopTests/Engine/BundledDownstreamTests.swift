import Downstream
import Sessions
import Testing

@testable import SessionConfig
@testable import pooltop

@Suite struct BundledDownstreamTests {
    @Test("The settings and the fleet name the same bundled downstreams")
    func names() {
        #expect(BundledDownstream.names == [Scenario].bundled.map(\.name))
        #expect(BundledDownstream.allCases.map(\.hostName) == [Scenario].bundled.map(\.hostName))
        for fleet in [BundledFleet.healthy, .sick] {
            #expect(fleet.names == fleet.scenarios.map(\.name) && fleet.hostNames == fleet.scenarios.map(\.hostName))
        }
    }
}
