/// A message of the TLS handshake (RFC 8446 §4), without its header.
package struct HandshakeMessage: Sendable, Equatable {
    package static let serverHello: UInt8 = 2
    package static let newSessionTicket: UInt8 = 4
    package static let certificate: UInt8 = 11

    package var type: UInt8
    package var body: [UInt8]
}

/// Extracts unencrypted handshake messages from records. A message may be split across records anywhere (RFC 8446
/// §5.1).
package struct HandshakeMessages: Sendable, Equatable {
    private static let handshakeRecord: UInt8 = 22

    /// The beginning of an incomplete message.
    private var rest: [UInt8] = []
    private let limit: Int

    /// Records that would make an incomplete message longer than `limit` bytes are ignored.
    package init(limit: Int) { self.limit = limit }

    /// The number of bytes of the incomplete message.
    package var restBytes: Int { rest.count }

    /// Returns the messages that one whole record, including its header, completes.
    package mutating func read(record: some Collection<UInt8>) -> [HandshakeMessage] {
        guard record.first == Self.handshakeRecord, rest.count + record.count <= limit else { return [] }
        rest += record.dropFirst(TLSRecords.headerBytes)
        var messages: [HandshakeMessage] = []
        var start = 0
        while start + 4 <= rest.count {
            let length = Int(rest[start + 1]) << 16 | Int(rest[start + 2]) << 8 | Int(rest[start + 3])
            let body = (start + 4)..<(start + 4 + length)
            guard body.upperBound <= rest.count else { break }
            messages.append(HandshakeMessage(type: rest[start], body: Array(rest[body])))
            start = body.upperBound
        }
        // Removed once and not after each message, because a record can contain thousands of empty ones.
        rest.removeFirst(start)
        return messages
    }
}
