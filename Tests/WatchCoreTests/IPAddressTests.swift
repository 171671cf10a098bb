import DNSWire
import Testing

@testable import WatchCore

@Suite struct IPAddressTests {
    @Test("An IPv4 address comes back from its mapped form, and others have none")
    func mappedForm() {
        #expect(IPAddress(ipv4: 0x7f00_0001).ipv4 == 0x7f00_0001)
        #expect(IPAddress(ipv4: 0x7f00_0001).isLoopback && IPAddress(high: 0, low: 1).isLoopback)
        #expect(IPAddress(high: 0x2001_0db8 << 32, low: 1).ipv4 == nil)
        #expect(!IPAddress(ipv4: 0x0a00_0001).isLoopback && IPAddress(ipv4: 0).isUnspecified)
    }
}
