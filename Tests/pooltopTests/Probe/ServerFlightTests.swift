import TLSWire
import Testing

@testable import Prober
@testable import pooltop

@Suite struct ServerFlightTests {
    private func bytes(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type] + bytes(body.count, 3) + body }

    private func record(_ body: [UInt8], type: UInt8 = 22) -> [UInt8] { [type, 3, 3] + bytes(body.count, 2) + body }

    /// A server's hello, with supported_versions where the version is that of TLS 1.3.
    private func hello(version: Int, cipher: Int, id: Int = 0, random: [UInt8]? = nil) -> [UInt8] {
        let isNew = version == 0x0304
        let extensions: [UInt8] = isNew ? bytes(51, 2) + bytes(1, 2) + [0] + bytes(43, 2) + bytes(2, 2) + [3, 4] : []
        let body = bytes(isNew ? 0x0303 : version, 2) + (random ?? Array(repeating: 7, count: 32)) + [UInt8(id)]
        return message(
            2, body + Array(repeating: 1, count: id) + bytes(cipher, 2) + [0] + bytes(extensions.count, 2) + extensions)
    }

    private func flight(_ records: [UInt8]...) -> ServerFlight {
        var flight = ServerFlight()
        for record in records { flight.read(record: record) }
        return flight
    }

    @Test("A TLS 1.3 hello gives the version and cipher")
    func tls13() {
        let flight = flight(record(hello(version: 0x0304, cipher: 0x1301, id: 32)), record([1, 2, 3], type: 23))
        #expect(flight.hello == .init(version: 0x0304, cipher: 0x1301, hasSessionID: true))
        #expect(flight.offersResumptionInTheClear == nil, "its tickets are encrypted")
    }

    @Test("TLS 1.2 without a session id or ticket offers no resumption")
    func tls12WithoutAnything() {
        let flight = flight(record(hello(version: 0x0303, cipher: 0xC02F)), record(message(11, [0, 0, 0])))
        #expect(flight.hello == .init(version: 0x0303, cipher: 0xC02F, hasSessionID: false))
        #expect(flight.offersResumptionInTheClear == false)
    }

    @Test("TLS 1.2 with a session id or ticket offers resumption")
    func tls12WithAnIDOrATicket() {
        #expect(flight(record(hello(version: 0x0303, cipher: 0xC02F, id: 32))).offersResumptionInTheClear == true)
        let ticket = flight(record(hello(version: 0x0303, cipher: 0xC02F)), record(message(4, [0, 0, 0, 1, 0, 0])))
        #expect(ticket.offersResumptionInTheClear == true)
    }

    @Test("Messages may span records")
    func messagesMayLieAcrossRecords() {
        let all = hello(version: 0x0304, cipher: 0x1302) + message(11, [9])
        for cut in 1..<all.count {
            let flight = flight(record(Array(all[..<cut])), record(Array(all[cut...])))
            #expect(flight.hello?.cipher == 0x1302, "cut at \(cut)")
        }
    }

    @Test("A HelloRetryRequest is not a hello")
    func aRetryIsNoHello() {
        let retry: [UInt8] = [
            0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2,
            0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
        ]
        let first = record(hello(version: 0x0304, cipher: 0x1301, random: retry))
        #expect(flight(first).hello == nil)
        #expect(flight(first, record(hello(version: 0x0304, cipher: 0x1303))).hello?.cipher == 0x1303)
    }

    /// No input is read beyond its end.
    @Test("A truncated hello is not a hello")
    func cutShortItIsNoHello() {
        let whole = hello(version: 0x0304, cipher: 0x1301, id: 32)
        let body = Array(whole.dropFirst(4))
        for length in 0..<body.count {
            let flight = flight(record(message(2, Array(body[..<length]))))
            #expect(flight.hello == nil || length >= 35 + 32 + 2)
        }
    }

    @Test("Versions and ciphers have names, or else numbers")
    func namesAndNumbers() {
        #expect(TLSNames.version(0x0304) == "1.3" && TLSNames.version(0x0300) == "0x0300")
        #expect(TLSNames.cipher(0x1303) == "TLS_CHACHA20_POLY1305_SHA256" && TLSNames.cipher(0x00FF) == "0x00FF")
    }
}
