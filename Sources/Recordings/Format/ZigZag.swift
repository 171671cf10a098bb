/// Variable-length integers as in HdrHistogram's V2 encoding: ZigZag LEB128 with at most nine bytes per number, the
/// last of which uses all eight bits.
enum ZigZag {
    static func bytes(of numbers: [Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in numbers {
            let number = Int64(number)
            var rest = UInt64(bitPattern: (number << 1) ^ (number >> 63))
            var length = 1
            while rest > 0x7F, length < 9 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
                length += 1
            }
            bytes.append(UInt8(truncatingIfNeeded: rest))
        }
        return bytes
    }

    /// Nil if the bytes end within a number.
    static func numbers(of bytes: some Sequence<UInt8>) -> [Int]? {
        var numbers: [Int] = []
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            let isLast = byte & 0x80 == 0 || shift == 56
            value |= UInt64(shift == 56 ? byte : byte & 0x7F) << shift
            shift += 7
            guard isLast else { continue }
            numbers.append(Int(Int64(bitPattern: value >> 1) ^ -Int64(value & 1)))
            (value, shift) = (0, 0)
        }
        return shift == 0 ? numbers : nil
    }
}
