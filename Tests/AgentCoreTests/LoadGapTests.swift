import Foundation
import PoolModel
import Testing

@Suite("Gaps in the load")
struct LoadGapTests {
    @Test("Loops that were stopped together have one gap with the sum of their missed requests")
    func merging() {
        var gaps = [
            LoadGap(uptimeSeconds: 10, seconds: 6, missed: 600), LoadGap(uptimeSeconds: 30, seconds: 2, missed: 1),
        ]
        gaps.merge([
            LoadGap(uptimeSeconds: 20, seconds: 2, missed: 5), LoadGap(uptimeSeconds: 9.8, seconds: 6.1, missed: 610),
        ])
        #expect(gaps.map(\.missed) == [1210, 5, 1])
        #expect(gaps[0].uptimeSeconds == 9.8 && abs(gaps[0].endSeconds - 16) < 1e-9)
    }

    @Test("The cause of a gap is what the thread did for most of it")
    func causes() {
        #expect(LoadGap.Cause.of(seconds: 2, waited: 0.1, ran: 0.01) == .stopped)
        #expect(LoadGap.Cause.of(seconds: 2, waited: 1.8, ran: 0.2) == .waited)
        #expect(LoadGap.Cause.of(seconds: 2, waited: 0.3, ran: 1.7) == .busy)
    }

    @Test("A gap without a cause, or with one that only a newer version knows, can be read")
    func oldCauses() throws {
        for cause in ["", #","cause":"newer""#] {
            let text = #"{"uptimeSeconds":1,"seconds":2,"missed":3\#(cause)}"#
            let gap = try JSONDecoder().decode(LoadGap.self, from: Data(text.utf8))
            #expect(gap == LoadGap(uptimeSeconds: 1, seconds: 2, missed: 3))
        }
    }

    @Test("A recording from before there were gaps can be read")
    func oldRecordings() throws {
        let load = LoadSnapshot(
            isOpenLoop: true, targetPerSecond: 5, concurrency: nil, arrivals: "constant", planned: 10, sent: 7,
            missed: 3,
            gaps: [LoadGap(uptimeSeconds: 1, seconds: 2, missed: 3)], seed: 1, paused: false, targets: [])
        let data = try JSONEncoder().encode(load)
        #expect(try JSONDecoder().decode(LoadSnapshot.self, from: data) == load)
        var fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        fields["missed"] = nil
        fields["gaps"] = nil
        let old = try JSONDecoder().decode(LoadSnapshot.self, from: JSONSerialization.data(withJSONObject: fields))
        #expect(old.missed == 0 && old.gaps.isEmpty && old.planned == 10)
    }
}
