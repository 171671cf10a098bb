import DNSWire
import Foundation
import Testing

/// Random damage to sound messages. A failing run prints its seed; `DNS_SEED=… swift test --filter DNS` repeats it.
@Suite("DNS: random messages")
struct DNSMessageFuzzTests {
    private static let cases = 20_000

    private static var seed: UInt64 {
        ProcessInfo.processInfo.environment["DNS_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
    }

    @Test("Damaged messages never trap")
    func damagedMessagesNeverTrap() {
        let seed = Self.seed
        print("DNS message fuzz: DNS_SEED=\(seed)")
        var random = SeededGenerator(state: seed)
        var readable = 0
        for number in 0..<Self.cases {
            var bytes = Self.message(&random).encoded()
            Self.damage(&bytes, &random)
            guard let message = try? Message(decoding: bytes) else { continue }
            readable += 1
            // A decoded message can be interpreted and encoded, and decodes to the same message again.
            _ = message.verdict(for: .query(id: message.id, name: name("www.test"), type: .a))
            let again = try? Message(decoding: message.encoded())
            #expect(again?.answers.count == message.answers.count, "case \(number) of DNS_SEED=\(seed)")
        }
        #expect(readable > Self.cases / 20, "most damage must not be caught by the header alone (DNS_SEED=\(seed))")
    }

    @Test("Valid messages survive encoding and decoding")
    func soundMessagesComeBack() throws {
        let seed = Self.seed
        var random = SeededGenerator(state: seed)
        for number in 0..<2000 {
            let message = Self.message(&random)
            #expect(try Message(decoding: message.encoded()) == message, "case \(number) of DNS_SEED=\(seed)")
        }
    }

    private static let names = ["www.test", "cdn.test", "a.b.c.www.test", "TEST", ".", "x"].map(name)

    private static func message(_ random: inout SeededGenerator) -> Message {
        let pick = { (random: inout SeededGenerator) in names[Int(random.next() % UInt64(names.count))] }
        var message = Message.query(
            id: UInt16(truncatingIfNeeded: random.next()), name: pick(&random), type: .a, edns: random.next() % 2 == 0)
        guard random.next() % 8 > 0 else { return message }
        message = message.response(ResponseCode(rawValue: UInt16(random.next() % 6)))
        for _ in 0..<random.next() % 6 {
            let ttl = UInt32(random.next() % 4000)
            let owner = pick(&random)
            switch random.next() % 4 {
            case 0: message.answers.append(.address(owner, IPAddress(v4: UInt32(random.next() >> 40)), ttlSeconds: ttl))
            case 1: message.answers.append(.address(owner, .loopbackV6, ttlSeconds: ttl))
            case 2: message.answers.append(.cname(owner, pick(&random), ttlSeconds: ttl))
            default: message.authorities.append(soa(ttlSeconds: ttl, minimumSeconds: 5))
            }
        }
        return message
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        for _ in 0...random.next() % 4 {
            guard !bytes.isEmpty else { return }
            let place = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 6 {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes[place] ^= 1 << UInt8(random.next() % 8)
            case 2: bytes.removeSubrange(place...)
            case 3: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            case 4: bytes.remove(at: place)
            default: bytes[place] = [0, 0xC0, 0xFF, 12, 63, 64][Int(random.next() % 6)]
            }
        }
    }
}
