import DNSWire
import TestSupport
import Testing

@testable import WatchCore

@Suite struct NetlinkMessageTests {
    private func record(_ text: String) throws -> SocketRecord {
        let messages = SocketMessages.parse(bytes(text))
        guard case .socket(let record)? = messages.first, messages.count == 1 else {
            throw NeverCameTrue(description: "one socket, not \(messages)")
        }
        return record
    }

    @Test("A socket of a dump has both ends, its owner and the kernel's figures")
    func dumpedSocket() throws {
        let record = try record(CapturedMessages.dumpV4)
        let loopback = IPAddress(ipv4: 0x7f00_0001)
        #expect(record.transport == .tcp && record.state == .established && record.cookie == 0x14)
        #expect(record.pair.local == Endpoint(address: loopback, port: 35954))
        #expect(record.pair.remote == Endpoint(address: loopback, port: 32849))
        #expect(record.user == 0 && record.inode == 0x08fb_7cb2)
        let figures = try #require(record.tcp)
        #expect(figures.bytesAcknowledged == 19 && figures.bytesReceived == 300 && figures.bytesSent == 18)
        #expect(figures.dataSegmentsSent == 1 && figures.dataSegmentsReceived == 1)
        #expect(figures.segmentsSent == 4 && figures.segmentsReceived == 3)
        #expect(figures.lastSentMilliseconds == 104 && figures.lastReceivedMilliseconds == 104)
        #expect(figures.roundTripMicroseconds == 13 && figures.retransmits == 0 && figures.unacknowledged == 0)
    }

    @Test("A socket of IPv6 has the address in both halves")
    func dumpedV6() throws {
        let record = try record(CapturedMessages.dumpV6)
        #expect(record.pair.local == Endpoint(address: IPAddress(high: 0, low: 1), port: 60660))
        #expect(record.pair.remote == Endpoint(address: IPAddress(high: 0, low: 1), port: 33519))
        #expect(record.tcp?.bytesReceived == 300)
    }

    @Test("A destroyed socket of the side that closed first has two more segments without data")
    func destroyedSocket() throws {
        for text in [CapturedMessages.destroyedV4, CapturedMessages.destroyedV6] {
            let record = try record(text)
            let figures = try #require(record.tcp)
            #expect(record.state == .closed && record.inode == 0 && record.transport == .tcp)
            #expect(figures.segmentsSent - figures.dataSegmentsSent == 5)
            #expect(figures.segmentsReceived - figures.dataSegmentsReceived == 3)
        }
    }

    @Test("A destroyed UDP socket is told from one of TCP and has no figures")
    func destroyedUDP() throws {
        let record = try record(CapturedMessages.destroyedUDP)
        #expect(record.transport == .udp && record.pair.remote.port == 53 && record.tcp == nil)
    }

    @Test("The answers to an exact question are a TIME_WAIT or an error, and a dump has an end")
    func answers() throws {
        #expect(try record(CapturedMessages.timeWait).state == .timeWait)
        #expect(try record(CapturedMessages.timeWaitV6).pair.local.port == 60660)
        #expect(SocketMessages.parse(bytes(CapturedMessages.notFound)) == [.error(2)])
        #expect(SocketMessages.parse(bytes(CapturedMessages.dumpEnd)) == [.done(isConsistent: true)])
        var interrupted = bytes(CapturedMessages.dumpEnd)
        interrupted[6] |= 0x10
        #expect(SocketMessages.parse(interrupted) == [.done(isConsistent: false)])
    }

    @Test("Several messages of one datagram come in order, and a wrong length ends it")
    func severalMessages() {
        let all = [CapturedMessages.dumpV4, CapturedMessages.dumpV6, CapturedMessages.dumpEnd].flatMap { bytes($0) }
        #expect(SocketMessages.parse(all).count == 3)
        #expect(SocketMessages.parse(all + [3, 0, 0, 0]).count == 3)
        var short = all
        short[408] = 15
        short[409] = 0
        #expect(SocketMessages.parse(short).count == 1)
    }

    @Test(
        "A kernel whose tcp_info ends before the counts of segments gives no figures",
        arguments: [(0, false), (104, false), (159, false), (160, true), (192, true), (280, true)])
    func shortFigures(length: Int, hasFigures: Bool) throws {
        // The attribute is the last of the message.
        let whole = bytes(CapturedMessages.dumpV4)
        var message = Array(whole[..<(408 - 280 + length)])
        message[0] = UInt8(message.count & 255)
        message[1] = UInt8(message.count >> 8)
        message[408 - 284] = UInt8((length + 4) & 255)
        message[408 - 283] = UInt8((length + 4) >> 8)
        let messages = SocketMessages.parse(message)
        guard case .socket(let record)? = messages.first else {
            Issue.record("no socket in \(messages)")
            return
        }
        #expect((record.tcp?.dataSegmentsSent == 1) == hasFigures && (record.tcp != nil) == hasFigures)
    }

    @Test("Messages of any content never trap")
    func mutations() {
        let kept = [
            CapturedMessages.dumpV4, CapturedMessages.dumpV6, CapturedMessages.dumpEnd, CapturedMessages.timeWait,
            CapturedMessages.notFound, CapturedMessages.destroyedV4, CapturedMessages.destroyedUDP,
        ].map { bytes($0) }
        var read = 0
        for seed in 1...40 as ClosedRange<UInt64> {
            for message in Mutations(of: kept, seed: seed) { read += SocketMessages.parse(message).count }
        }
        #expect(read > 1000)
    }
}
