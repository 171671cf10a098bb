import HTTP1

/// The receiver of an exchange's response: a connection hands it over as it is read.
///
/// Internal, and one class conforms to it, as with `ConnectionReceiver`.
protocol ResponseReceiver: AnyObject {
    /// A 1xx response.
    func receivedInformational(_ status: Int)
    func received(_ head: ResponseHead, _ fields: HeadFields)
    /// A part of the body, which lies there for the time of this call only.
    func received(_ bytes: UnsafeRawBufferPointer)
    /// The response is complete.
    func received(trailers: HeadFields)
    /// All bytes of a read were used up and the response goes on. True: read no further until `resumeReading`.
    func readEnded() -> Bool

    /// Whether the request's body is still to be sent, whole or in part.
    var isUploading: Bool { get }
    /// The connection has room for more of the request's body.
    func becameWritable()
}
