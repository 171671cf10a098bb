import Downstream
import Testing

@testable import SessionConfig
@testable import pooltop

@Suite struct BundledDownstreamTests {
    @Test("The names that settings know are those of the downstreams that are started")
    func names() {
        #expect(BundledDownstream.names == [Scenario].bundled.map(\.name))
        #expect(BundledDownstream.allCases.map(\.hostName) == [Scenario].bundled.map(\.hostName))
    }
}
