/// An incremental parser of HTTP/1 responses (RFC 9112) on one client connection.
///
/// It does no I/O, reads no clock and builds no header dictionary. It is given the bytes that have arrived and reports
/// what they are. Body bytes are reported as ranges and not copied. A head that arrives in one read is parsed in place;
/// of a head that is split over reads, only the line that was split is copied. The steps do not depend on how the bytes
/// are split into reads, except for how the body is divided.
///
/// Rules, in the order in which RFC 9112 §6.3 gives them:
/// 1. 1xx except 101: no body, the final response follows. 101, and 2xx to CONNECT: another protocol follows.
/// 2. To HEAD, 204, 304: no body, whatever Content-Length and Transfer-Encoding say.
/// 3. Transfer-Encoding decides before Content-Length; both together are delivered, but the connection is not reused.
/// 4. Ends in `chunked`: chunked. Otherwise until close.
/// 5. A Content-Length that is not one number is an error, also next to Transfer-Encoding.
/// 6. Content-Length: exactly as many bytes. 7. Neither: until close.
///
/// After a response one bare CRLF is tolerated, because some old servers send it after a body. It makes no difference
/// whether the next request has been sent by then. Any other byte without a request is `.unsolicited`.
package struct ResponseParser: Sendable {
    /// Limits on the resources that a response may use. If one is exceeded, the response fails with the error named at
    /// the limit.
    package struct Limits: Sendable, Equatable {
        /// Bytes of one head and its trailers, line ends included (`headTooLarge`). Each 1xx head has its own.
        package var headBytes: Int
        /// Fields of one head and its trailers (`tooManyFields`).
        package var fields: Int
        /// 1xx responses before one final response (`tooManyInformational`).
        package var informational: Int
        /// Bytes of chunk extensions in excess of the body bytes that came with them (`chunkExtensionTooLarge`). A
        /// signature in each chunk of a long stream stays below this, while a flood of extensions in tiny chunks
        /// exceeds it.
        package var chunkExtensionBytes: Int

        package init(
            headBytes: Int = 65_536, fields: Int = 256, informational: Int = 5, chunkExtensionBytes: Int = 16_384
        ) {
            self.headBytes = headBytes
            self.fields = fields
            self.informational = informational
            self.chunkExtensionBytes = chunkExtensionBytes
        }
    }

    /// The position of the next byte in a response. Each case lists its possible successors; every case except the last
    /// five may also be followed by `failed`.
    enum Phase: Sendable, Equatable {
        /// No request is outstanding → awaiting, unsolicited.
        case idle
        /// A request is outstanding, and no byte of its response (or of the next one after a 1xx) has arrived →
        /// statusLine.
        case awaiting
        /// → fields
        case statusLine
        /// → awaiting (1xx), exactBody, untilCloseBody, chunkSize, complete
        case fields
        /// → complete
        case exactBody
        /// → idle (at the end of the connection)
        case untilCloseBody
        /// → chunkBlank, chunkExtension, chunkSizeEnd
        case chunkSize
        /// Blanks after a chunk's size → chunkExtension, chunkSizeEnd
        case chunkBlank
        /// → chunkSizeEnd
        case chunkExtension
        /// CR was read and LF must follow → chunkData, trailers
        case chunkSizeEnd
        /// → chunkDataEnd
        case chunkData
        /// CR must follow → chunkDataLineFeed
        case chunkDataEnd
        /// → chunkSize
        case chunkDataLineFeed
        /// → complete
        case trailers
        /// Everything was read, `.end` is still to be returned → idle, upgraded
        case complete
        /// The connection belongs to another protocol → nothing.
        case upgraded
        /// → nothing
        case unsolicited
        /// → nothing
        case failed(FramingError)
    }

    /// The CRLF that is tolerated between two responses.
    enum StrayLineEnd: Sendable {
        case allowed
        case carriageReturnRead
        case used
    }

    package let limits: Limits
    var phase = Phase.idle
    var kind = RequestKind.ordinary
    var keepsHead: Bool
    var strayLineEnd = StrayLineEnd.allowed
    var persistence = Persistence.reusable
    var informationalCount = 0
    var head = HeadState()
    /// The remaining bytes of the body or of the current chunk.
    var remaining = 0
    var chunkSizeDigits = 0
    /// Chunk extension bytes so far minus the body bytes that offset them; never below zero.
    var chunkOverhead = 0
    /// The value of `head.byteCount` where the trailers began.
    var trailerStart = 0
    /// The beginning of a line whose end has not arrived. Its capacity is kept.
    var cutLine: [UInt8] = []
    var keptHead = HeadFields(bytes: [], hasStatusLine: true)
    var keptTrailers = HeadFields()

    /// How much of the response to the outstanding request has arrived. A stray CRLF before it does not count, because
    /// it belongs to the previous response.
    package internal(set) var progress = ResponseProgress.nothing

    /// With `keepsHead`, the bytes of the final head and of its trailers are kept for `takeHead` and `takeTrailers`.
    package init(limits: Limits = Limits(), keepsHead: Bool = false) {
        self.limits = limits
        self.keepsHead = keepsHead
    }

    /// No request is outstanding: `start` may be called.
    package var isIdle: Bool { phase == .idle }

    /// Whether any byte of a response to the outstanding request has arrived.
    package var hasSeenByte: Bool { progress != .nothing }

    /// A request was written to the connection, and the next bytes are its response. Only valid when idle.
    package mutating func start(_ kind: RequestKind) {
        precondition(phase == .idle, "a request was put on a connection that is not idle")
        self.kind = kind
        phase = .awaiting
        progress = .nothing
        informationalCount = 0
        head = HeadState()
        if !keptHead.bytes.isEmpty || !keptTrailers.bytes.isEmpty { forgetKept() }
    }

    /// The same, with the choice whether this response's head is kept.
    package mutating func start(_ kind: RequestKind, keepsHead: Bool) {
        start(kind)
        self.keepsHead = keepsHead
    }

    /// The final head that was kept. It is moved out of the parser, so call this once, after `.head`.
    package mutating func takeHead() -> HeadFields {
        var taken = HeadFields(bytes: [], hasStatusLine: true)
        swap(&taken, &keptHead)
        return taken
    }

    /// The trailers that were kept. They are moved out of the parser, so call this once, after `.end`.
    package mutating func takeTrailers() -> HeadFields {
        var taken = HeadFields()
        swap(&taken, &keptTrailers)
        return taken
    }

    /// Consumes bytes of `input` from `offset` on, advances `offset`, and returns what they were. Call it again until
    /// it returns `.needMore`, or a step after which nothing can follow (see `ParserStep`).
    package mutating func next(_ input: UnsafeRawBufferPointer, _ offset: inout Int) -> ParserStep {
        unsafe next(input.bytes, &offset)
    }

    /// The same for a span.
    @inline(__always)
    package mutating func next(_ input: RawSpan, _ offset: inout Int) -> ParserStep {
        precondition(offset >= 0 && offset <= input.byteCount, "the offset lies outside the input")
        while true {
            if let step = advance(input, &offset) { return step }
        }
    }

    /// The connection has ended. `isCleanClose` is true if the peer closed it deliberately: FIN, with TLS after
    /// close_notify (RFC 9112 §9.8), and never after a reset.
    ///
    /// Returns `.end` if that completes the response, `.needMore` if nothing was outstanding, and the failure
    /// otherwise.
    package mutating func end(isCleanClose: Bool) -> ParserStep {
        switch phase {
        case .idle, .upgraded:
            return .needMore
        case .awaiting:
            return fail(informationalCount == 0 ? .noResponse : .noFinalResponse)
        case .statusLine, .fields:
            return fail(.truncatedHead)
        case .exactBody, .chunkSize, .chunkBlank, .chunkExtension, .chunkSizeEnd, .chunkData, .chunkDataEnd,
            .chunkDataLineFeed:
            return fail(.incompleteBody)
        case .untilCloseBody:
            return isCleanClose ? finish() : fail(.incompleteBody)
        case .trailers:
            // RFC 9112 §8: the body is complete once the last chunk has arrived, but incomplete trailers are not.
            guard head.byteCount == trailerStart, cutLine.isEmpty || cutLine == [.carriageReturn] else {
                return fail(.incompleteBody)
            }
            if persistence == .reusable { persistence = .untilClose }
            return finish()
        case .complete:
            return finish()
        case .unsolicited:
            return .unsolicited
        case .failed(let error):
            return .failed(error)
        }
    }

    /// One step, or nil if only the phase has changed.
    @inline(__always)
    private mutating func advance(_ input: RawSpan, _ offset: inout Int) -> ParserStep? {
        switch phase {
        case .idle: readIdle(input, &offset)
        case .awaiting: awaitFirstByte(input, &offset)
        case .statusLine, .fields, .trailers: readLines(input, &offset)
        case .exactBody: readData(input, &offset, then: .complete)
        case .chunkData: readData(input, &offset, then: .chunkDataEnd)
        case .untilCloseBody: readUntilClose(input, &offset)
        case .chunkSize: readChunkSize(input, &offset)
        case .chunkBlank: readChunkBlank(input, &offset)
        case .chunkExtension: readChunkExtension(input, &offset)
        case .chunkSizeEnd: endChunkSize(input, &offset)
        case .chunkDataEnd, .chunkDataLineFeed: endChunkData(input, &offset)
        case .complete: finish()
        case .upgraded: .needMore
        case .unsolicited: .unsolicited
        case .failed(let error): .failed(error)
        }
    }

    mutating func fail(_ error: FramingError) -> ParserStep {
        phase = .failed(error)
        return .failed(error)
    }

    private mutating func finish() -> ParserStep {
        phase = persistence == .upgraded ? .upgraded : .idle
        strayLineEnd = .allowed
        return .end(persistence)
    }

    @inline(never)
    mutating func forgetKept() {
        keptHead.bytes.removeAll(keepingCapacity: true)
        keptTrailers.bytes.removeAll(keepingCapacity: true)
    }
}
