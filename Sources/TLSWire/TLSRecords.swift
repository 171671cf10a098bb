package import NIOCore

/// Splits a byte stream into TLS records (RFC 8446 §5.1). Buffers at most one incomplete record of 64 KiB.
package struct TLSRecords {
    package static let headerBytes = 5

    /// The bytes of the incomplete record, once `next` has returned nil.
    package private(set) var rest = ByteBuffer()

    package init() {}

    package mutating func append(_ bytes: inout ByteBuffer) {
        // Releases bytes that were read, because the first response may be long.
        rest.discardReadBytes()
        rest.writeBuffer(&bytes)
    }

    /// The next record with its header; nil while it is incomplete.
    package mutating func next() -> ByteBuffer? {
        guard let length = rest.getInteger(at: rest.readerIndex + 3, as: UInt16.self) else { return nil }
        return rest.readSlice(length: Self.headerBytes + Int(length))
    }
}
