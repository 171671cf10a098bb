import Foundation
import Testing

@testable import PoolModel

@Suite("Certainty of figures") struct CertaintyTests {
    private static let some = Certainties([.requests: .estimate, .latency: .unknown, .cpu: .unknown])

    @Test("Groups without an entry are exact")
    func exactByDefault() {
        #expect(Certainties().isExact && Certainties().exceptions.isEmpty)
        #expect(FigureGroup.allCases.allSatisfy { Certainties()[$0] == .exact })
        #expect(Self.some[.requests] == .estimate && Self.some[.latency] == .unknown && Self.some[.tls] == .exact)
    }

    @Test("Every group can have each certainty independently", arguments: FigureGroup.allCases)
    func everyGroup(_ group: FigureGroup) {
        for certainty in [Certainty.unknown, .estimate, .exact] {
            var all = Self.some
            all[group] = certainty
            #expect(all[group] == certainty)
            for other in FigureGroup.allCases where other != group { #expect(all[other] == Self.some[other]) }
        }
    }

    @Test("The less certain value wins when hosts are merged")
    func merging() {
        var sum = Certainties([.requests: .unknown, .tls: .estimate])
        sum.merge(Self.some)
        #expect(sum == Certainties([.requests: .unknown, .tls: .estimate, .latency: .unknown, .cpu: .unknown]))
        #expect(sum.of([.tls, .bytes]) == .estimate && sum.of([.tls, .cpu]) == .unknown && sum.of([]) == .exact)
    }

    @Test("Certainty survives JSON, and unknown words are read as unknown")
    func json() throws {
        let data = try JSONEncoder().encode(Self.some)
        #expect(try JSONDecoder().decode(Certainties.self, from: data) == Self.some)
        let text = #"{"requests": "hearsay", "inventedGroup": "estimate", "tls": "exact"}"#
        let read = try JSONDecoder().decode(Certainties.self, from: Data(text.utf8))
        #expect(read == Certainties([.requests: .unknown]))
    }

    @Test("A sum with an unknown part is unknown, and a combined figure is as certain as the less certain part")
    func figures() {
        let estimate: Figure<Int> = .estimate(2)
        #expect(Figure.sum([.exact(3), estimate]) == .estimate(5))
        #expect(Figure.sum([.exact(3), .unknown, .exact(4)]) == Figure<Int>.unknown)
        #expect(Figure.sum([.absent, .exact(4)]) == Figure<Int>.exact(4))
        #expect(estimate.with(.exact(4)) { Double($1) / Double($0) } == .estimate(2))
        #expect(estimate.with(Figure<Int>.unknown) { $0 + $1 } == .unknown)
        #expect(Figure<Int>(7, .unknown).value == nil)
        let texts = [Figure.exact(3), .estimate(3), .absent, .unknown].map { $0.text { $0.map { "\($0)" } ?? "-" } }
        #expect(texts == ["3", "~3", "-", "\u{2013}"])
    }

    @Test(
        "Every figure of a host is unknown if its group is", arguments: FigureGroup.allCases)
    func everyRow(_ group: FigureGroup) {
        let figures = HostFigures(HostMetrics(), Certainties([group: .unknown]))
        for counter in HostMetrics.counters { #expect(figures[counter].isUnknown == (counter.group == group)) }
        for counter in HostMetrics.labelledCounters { #expect(figures[counter].isUnknown == (counter.group == group)) }
        for row in LatencySet.rows { #expect(figures[row].isUnknown == (row.group == group)) }
    }
}
