import NIOCore
import TLSWire

/// Tells a resumed TLS session from a full handshake by the server's own first flight, which is in the clear.
///
/// The TLS library does not say. TLS 1.3: the ServerHello of a resumed session carries `pre_shared_key` (RFC 8446
/// §4.2.11). TLS 1.2: a full handshake goes on with a Certificate, a resumed one does not (RFC 5246 §7.3).
struct ServerFlight {
    private var records = TLSRecords()
    private var messages = HandshakeMessages(limit: maxBytes)
    private var hello: ServerHello?

    /// Limits the bytes that were not understood yet. A server's first flight is a few certificates at most.
    private static let maxBytes = 32 << 10

    /// Nil while it cannot be told yet.
    mutating func isResumed(after bytes: ByteBuffer) -> Bool? {
        var bytes = bytes
        records.append(&bytes)
        guard records.rest.readableBytes + messages.restBytes <= Self.maxBytes else { return false }
        while let record = records.next() {
            for message in messages.read(record: record.readableBytesView) {
                if let verdict = verdict(on: message) { return verdict }
            }
        }
        // TLS 1.2 resumed without a new ticket: the hello is all there is in the clear.
        return hello == nil || messages.restBytes > 0 ? nil : true
    }

    private mutating func verdict(on message: HandshakeMessage) -> Bool? {
        if message.type == HandshakeMessage.serverHello {
            hello = ServerHello(message.body)
            return hello.flatMap { $0.isVersion13 ? $0.hasPreSharedKey : nil }
        }
        return hello == nil ? nil : message.type != HandshakeMessage.certificate
    }
}
