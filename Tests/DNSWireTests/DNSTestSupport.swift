import DNSWire
import Testing

/// A small generator with a seed (SplitMix64), so that a failing case can be run again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

func name(_ text: String) -> DomainName { DomainName(text) ?? .root }

func address(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(v4: 0) }

func soa(ttlSeconds: UInt32, minimumSeconds: UInt32, zone: String = "test") -> Record {
    let data = StartOfAuthority(
        primaryServer: name("ns." + zone), mailbox: name("root." + zone), minimumSeconds: minimumSeconds)
    return .soa(name(zone), data, ttlSeconds: ttlSeconds)
}
