import PlainDocuments
import PoolModel

/// Decodes `Decodable` values from an untrusted JSON document.
///
/// Every number is checked here, so that no field has to be: counts must be 0 to `Quantity.most`, limits (which may be
/// as high as possible, for "none") must not be negative, and decimals must not exceed `maxDecimal`. Sums, rates and
/// times computed from them then stay within the range of their types.
struct JSONValueDecoder: Decoder {
    /// The limit for seconds, bytes and shares; thirty thousand years.
    static let maxDecimal = 1e12
    /// Limits and the seed, which are compared and shown but never summed.
    static let unlimited: Set<String> = [
        "maxSockets", "maxFreeSockets", "maxTotalSockets", "hintMax", "descriptorLimit", "seed",
    ]

    let value: JSONValue
    /// The enclosing path and the key there, if there is one; kept together because only errors need them.
    private let place: (parents: [any CodingKey], key: any CodingKey)?

    init(_ value: JSONValue) {
        self.value = value
        place = nil
    }

    init(_ value: JSONValue, in parents: [any CodingKey], at key: any CodingKey) {
        self.value = value
        place = (parents, key)
    }

    var codingPath: [any CodingKey] { place.map { $0.parents + [$0.key] } ?? [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func decode<Value: Decodable>(_ type: Value.Type, from value: JSONValue) throws(TextProblem) -> Value {
        do {
            return try Value(from: JSONValueDecoder(value))
        } catch let error as DecodingError {
            throw problem(error)
        } catch {
            throw TextProblem("\(error)")
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch(type, "an object") }
        return KeyedDecodingContainer(Members<Key>(members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = value else { throw mismatch([JSONValue].self, "a list") }
        return Items(items: items, codingPath: codingPath)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    private func mismatch(_ type: any Any.Type, _ expected: String) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "is not \(expected)"))
    }

    /// `hosts.0.metrics: 'bytes' is missing`.
    private static func problem(_ error: DecodingError) -> TextProblem {
        func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
        switch error {
        case .keyNotFound(let key, let context): return TextProblem("'\(path(context.codingPath + [key]))' is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return TextProblem("'\(path(context.codingPath))' \(context.debugDescription)")
        @unknown default: return TextProblem("\(error)")
        }
    }
}

extension JSONValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { value == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        if case .bool(let flag) = value { return flag }
        throw mismatch(type, "true or false")
    }

    func decode(_ type: String.Type) throws -> String {
        if case .string(let text) = value { return text }
        throw mismatch(type, "a text")
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let number = value.asDouble else { throw mismatch(type, "a number") }
        guard abs(number) <= Self.maxDecimal else { throw outOfRange }
        return number
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

    private func whole<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        switch value {
        case .integer(let number):
            let isCount = number >= 0 && (number <= Quantity.most || isLimit)
            guard isCount, let result = Number(exactly: number) else { throw outOfRange }
            return result
        case .unsigned(let number):
            guard isLimit, let result = Number(exactly: number) else { throw outOfRange }
            return result
        case .object, .array, .string, .number, .bool, .null: throw mismatch(type, "a whole number")
        }
    }

    private var isLimit: Bool { place.map { Self.unlimited.contains($0.key.stringValue) } ?? false }

    private var outOfRange: DecodingError {
        .dataCorrupted(.init(codingPath: codingPath, debugDescription: "is out of range: \(value.line)"))
    }

    func decode(_ type: Int.Type) throws -> Int { try whole(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try whole(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try whole(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try whole(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try whole(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try whole(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try whole(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try whole(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try whole(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try whole(type) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }
}
