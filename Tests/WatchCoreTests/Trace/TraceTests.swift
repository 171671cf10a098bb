import DNSWire
import TestSupport
import Testing

@testable import WatchCore

@Suite struct TraceTests {
    private let format: TraceFormat

    init() throws {
        format = try #require(TraceFormat(event: CapturedTrace.format.utf8, page: CapturedTrace.header.utf8))
    }

    private func events(_ page: [UInt8]) -> (events: [TraceEvent], lost: Bool) {
        var events: [TraceEvent] = []
        let lost = TracePage.parse(page.span.bytes, format) { events.append($0) }
        return (events, lost)
    }

    @Test("A page of the trace has every change of state in order, with the process and the socket")
    func page() {
        let (events, lost) = events(bytes(CapturedTrace.page))
        #expect(!lost && events.count == 10)
        #expect(events.allSatisfy { $0.change.pid == CapturedTrace.pid })
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.time < $1.time })
        #expect(events[0].change.old == .closed && events[0].change.new == .synSent)
        #expect(events[0].change.pair.local.port == 0 && events[0].change.pair.remote.port == 18099)
        #expect(events[1].socket == events[0].socket && events[1].change.new == .established)
    }

    @Test("An opening is told once the local port is known, whichever of its two changes was read first")
    func openings() {
        let events = events(bytes(CapturedTrace.page)).events
        var join = TraceJoin()
        let changes = join.take(events)
        let openings = changes.filter { $0.new == .synSent }
        #expect(openings.map(\.pair.local.port).prefix(2) == [CapturedTrace.portV4, CapturedTrace.portV6])
        #expect(openings.count == 3 && openings.allSatisfy { $0.pid == CapturedTrace.pid && $0.old == .closed })
        #expect(openings[0].pair.remote == Endpoint(address: IPAddress(ipv4: 0x7f00_0001), port: 18099))
        #expect(openings[1].pair.remote == Endpoint(address: IPAddress(high: 0, low: 1), port: 18099))
        // The client closed the first connection, and the server the second.
        #expect(
            changes.filter { $0.new == .finWait1 }.map(\.pair.local.port) == [CapturedTrace.portV4, 18099])

        var late = TraceJoin()
        let second = late.take(Array(events[1...]))
        #expect(second.filter { $0.new == .synSent }.count == 2)
        #expect(late.take([events[0]]) == [openings[0]])
    }

    @Test("A page before which events were lost says so")
    func lostEvents() {
        var page = bytes(CapturedTrace.page)
        page[11] |= 0x80
        #expect(events(page).lost && events(page).events.count == 10)
    }

    @Test("A format without one of the fields is refused")
    func formats() {
        let text = CapturedTrace.format.replacing("skaddr", with: "address")
        #expect(TraceFormat(event: text.utf8, page: CapturedTrace.header.utf8) == nil)
        #expect(TraceFormat(event: CapturedTrace.format.utf8, page: [UInt8]()) == nil)
    }

    @Test("Pages of any content never trap")
    func mutations() {
        for seed in 1...40 as ClosedRange<UInt64> {
            for page in Mutations(of: [bytes(CapturedTrace.page)], seed: seed) { _ = events(page) }
        }
    }
}
