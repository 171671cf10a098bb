import DNSWire
import Testing

@testable import WatchCore

/// The bytes are those of little-endian machines, which all that Swift runs on are.
@Suite struct SocketRequestTests {
    @Test("A dump asks for all states but TIME_WAIT with tcp_info, and one of TIME_WAIT for nothing else")
    func dumps() {
        let living = SocketRequest.dump(.v4, states: .living)
        #expect(living == bytes("48000000 1400 0103 00000000 00000000 02 06 02 00 be1f0000") + anySocket)
        let waits = SocketRequest.dump(.v6, states: .timeWait)
        #expect(waits == bytes("48000000 1400 0103 00000000 00000000 0a 06 00 00 40000000") + anySocket)
        #expect(SocketRequest.dump(.v6, transport: .udp, states: .living)[17] == 17)
    }

    @Test("A dump of TCP asks for both families at once, in the older form of the request")
    func dumpOfBoth() {
        let living = SocketRequest.dumpOfTCP(.living)
        let head = bytes("4c000000 1200 0103 00000000 00000000 00 00 00 02")
        #expect(living == head + anySocket + bytes("be1f0000 00000000"))
        #expect(SocketRequest.dumpOfTCP(.timeWait)[68] == 0x40 && SocketRequest.dumpOfTCP(.timeWait)[19] == 0)
        let filtered = SocketRequest.dumpOfTCP(.living, remotePort: 8080)
        #expect(
            filtered[0] == 96 && Array(filtered[76...]) == bytes("1400 0100 0408 1400 0000 901f 0508 0c00 0000 901f"))
    }

    private var anySocket: [UInt8] { Array(repeating: 0, count: 40) + Array(repeating: 255, count: 8) }

    @Test("A filter by remote port is a program that the kernel accepts")
    func filter() {
        let request = SocketRequest.dump(.v4, states: .living, remotePort: 8080)
        #expect(request.count == 92 && request[0] == 92)
        #expect(Array(request[72...]) == bytes("1400 0100 0408 1400 0000 901f 0508 0c00 0000 901f"))
    }

    @Test("An exact question names both ends in network order, and a mapped pair as one of IPv4")
    func exact() {
        let local = Endpoint(address: IPAddress(ipv4: 0x7f00_0001), port: 35954)
        let remote = Endpoint(address: IPAddress(ipv4: 0x7f00_0002), port: 80)
        let request = SocketRequest.exact(SocketPair(local: local, remote: remote))
        #expect(Array(request[..<24]) == bytes("48000000 1400 0100 00000000 00000000 02 06 00 00 fe1f0000"))
        #expect(
            Array(request[24...])
                == bytes(
                    """
                    8c72 0050 7f000001 00000000 00000000 00000000 7f000002 00000000 00000000 00000000 00000000
                    ffffffff ffffffff
                    """))
        let six = Endpoint(address: IPAddress(high: 0x2001_0db8 << 32, low: 1), port: 443)
        let v6 = SocketRequest.exact(SocketPair(local: six, remote: six))
        #expect(v6[16] == 10 && Array(v6[28..<44]) == bytes("20010db8 00000000 00000000 00000001"))
    }
}
