import DNSWire
import Testing

@Suite("DNS: IP addresses")
struct DNSIPAddressTests {
    @Test(
        "Addresses are written in their canonical form (RFC 4291 §2.2, RFC 5952)",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"),
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
            ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
            // One zero group is not shortened; of two equal runs the first is; the longest wins.
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("1:0:0:2:0:0:3:4", "1::2:0:0:3:4"),
            ("0:0:1:0:0:0:0:0", "0:0:1::"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::FFFF:c000:201", "::ffff:192.0.2.1"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ])
    func canonicalText(_ text: String, _ canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(address.description) == address)
    }

    @Test(
        "Texts that are not addresses are refused",
        arguments: [
            "", " ", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4 ",
            "-1.2.3.4", "0x7f.0.0.1", "1.2.3.1234", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::", "1:", ":1", "1:2:3:4:5:6:7:",
            "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "[::1]", "1:2:3:4:5:6:7:1.2.3.4", "example.org",
        ])
    func refused(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test(
        "A zone keeps its spelling (RFC 4007 §11)",
        arguments: [
            ("fe80::1%eth0", "fe80::1%eth0"), ("FE80::1%Eth0", "fe80::1%Eth0"), ("febf::1%2", "febf::1%2"),
            ("fe80::1%eth0.100", "fe80::1%eth0.100"), ("fe80::1%a-b_c~d", "fe80::1%a-b_c~d"),
            ("fe80:0:0:0:0:0:255.255.255.255%123456789012345", "fe80::ffff:ffff%123456789012345"),
        ])
    func zones(_ text: String, _ canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(
            address.description == canonical && address.zone?.description == String(canonical.split(separator: "%")[1]))
        #expect(IPAddress(canonical) == address && address.withoutZone.zone == nil)
        #expect(address != address.withoutZone && address.withoutZone == IPAddress(text.split(separator: "%")[0]))
    }

    @Test(
        "Invalid zones, and zones of addresses without link-local scope, are refused",
        arguments: [
            "fe80::1%", "fe80::1%%", "fe80::1%eth0%eth0", "fe80::1% ", "fe80::1%1234567890123456", "fe80::1%a/b",
            "fe80::1%a:b", "fe80::1%é", "fe80::1%a]", "fe80::1%\0", "2001:db8::1%eth0", "fec0::1%eth0", "::%eth0",
            "::1%lo",
            "::ffff:127.0.0.1%lo", "127.0.0.1%lo", "169.254.0.1%eth0", "%eth0", "eth0",
        ])
    func refusedZones(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test("A text that is too long is refused")
    func longTextIsRefused() {
        for text in ["1", ":", "1.", "1:", "::", "%", "fe80::1%"] {
            #expect(IPAddress(String(repeating: text, count: 10_000)) == nil)
        }
    }

    @Test(
        "Loopback addresses are recognised",
        arguments: [
            ("127.0.0.1", true), ("127.255.3.4", true), ("128.0.0.1", false), ("::1", true), ("::2", false),
            ("::", false), ("::ffff:127.0.0.1", true), ("::ffff:128.0.0.1", false), ("1::1", false),
        ])
    func loopback(_ text: String, _ expected: Bool) throws {
        #expect(try #require(IPAddress(text)).isLoopback == expected)
    }

    @Test("Bytes are in network order")
    func bytesAreInNetworkOrder() throws {
        #expect(IPAddress(v4: 0x0102_0304).bytes == [1, 2, 3, 4])
        let address = try #require(IPAddress("2001:db8::ff00:42"))
        #expect(address.bytes == [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0, 0, 0x42])
    }
}
