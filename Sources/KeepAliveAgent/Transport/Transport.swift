import NIOCore

/// The transport of a connection's bytes: a socket of our own, or a channel of NIO's.
///
/// Kept off the hot path: a short request is handed to the kernel with one `send` on the descriptor, and received bytes
/// are passed to the connection by the code that read them.
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
