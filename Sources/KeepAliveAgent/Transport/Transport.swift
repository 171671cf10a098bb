import NIOCore

/// What carries a wire's bytes: a socket of our own, or a channel of NIO's.
///
/// Kept off the hot path: a short request goes to the kernel by one `send` on the descriptor, and what is received is
/// handed to the wire by whoever read it.
protocol Transport: AnyObject {
    /// Whether more of a body should be handed over now.
    var isWritable: Bool { get }
    /// Bytes that were handed over and are not with the kernel.
    var unsentBytes: Int { get }

    /// Takes one or two pieces, to be sent in this order behind all that came before. True: the kernel has them (or
    /// surely will at once). False: `HTTP1Connection.everythingSent` says when.
    func send(_ first: ByteBuffer, _ second: ByteBuffer?) -> Bool
    /// Stops reading, or goes on.
    func setReading(_ isOn: Bool)
    /// Closes the connection; nothing is reported any more.
    func close()
}
