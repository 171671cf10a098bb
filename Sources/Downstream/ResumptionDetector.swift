import NIOCore
import TLSWire

/// Detects whether a TLS session was resumed from the unencrypted part of the server's first flight, because the TLS
/// library does not report it.
///
/// In TLS 1.3, the ServerHello of a resumed session contains `pre_shared_key` (RFC 8446 §4.2.11). In TLS 1.2, a full
/// handshake continues with a Certificate and a resumed one does not (RFC 5246 §7.3).
struct ResumptionDetector {
    private var records = TLSRecords()
    private var messages = HandshakeMessages(limit: maxBytes)
    private var hello: ServerHello?

    /// Limits the buffered bytes. A server's first flight is at most a few certificates.
    private static let maxBytes = 32 << 10

    /// Nil if more bytes are needed.
    mutating func isResumed(after bytes: ByteBuffer) -> Bool? {
        var bytes = bytes
        records.append(&bytes)
        guard records.rest.readableBytes + messages.restBytes <= Self.maxBytes else { return false }
        while let record = records.next() {
            for message in messages.read(record: record.readableBytesView) {
                if let verdict = verdict(on: message) { return verdict }
            }
        }
        // TLS 1.2 resumed without a new ticket: the hello is the only unencrypted message.
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
