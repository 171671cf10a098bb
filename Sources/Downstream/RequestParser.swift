import NIOCore

/// The head of a request: the few facts that decide how to answer, and the bytes for the few routes that want more.
struct RequestHead {
    enum Body: Equatable {
        case none
        case length(Int)
        case chunked
    }
    enum Method {
        case get, head, post, other
    }
    var method: Method = .other
    var isHTTP10 = false
    var keepsAlive = true
    var expectsContinue = false
    var body: Body = .none
    /// The request-target is exactly `/`: the common case is decided without making a string.
    var targetIsRoot = false
    /// Where the request-target is in `bytes`.
    var target: Range<Int> = 0..<0
    /// The head as received, with its empty line.
    var bytes = ByteBuffer()

    var targetString: String {
        bytes.getString(at: bytes.readerIndex + target.lowerBound, length: target.count) ?? ""
    }
}

/// Cuts a byte stream into requests (RFC 9112). Incremental: what is incomplete stays in the input.
///
/// Deliberately strict where a client should never be sloppy, because a downstream is a witness: bare LF, folded
/// fields, blanks before the colon, a missing Host and doubtful lengths are refused rather than guessed at.
struct RequestParser {
    enum Step {
        case needsMore
        /// When `head.body` is `.none` the request is complete; otherwise `body`s and one `end` follow.
        case head(RequestHead)
        case body(ByteBuffer)
        case end
        /// The connection cannot be used any more after this.
        case rejected(status: Int)
    }

    static let maxHeadBytes = 16 << 10
    static let maxFields = 100
    static let maxBodyBytes = 16 << 20
    /// Longest chunk-size line with its extensions, and longest line of the trailers, each with its CRLF.
    static let maxLineBytes = 4096
    /// Of one body: all chunk extensions together, and all trailers together. A trailer section may have `maxFields`
    /// fields. Without these limits a body could go on for ever without a byte of content.
    static let maxExtensionBytes = 16 << 10
    static let maxTrailerBytes = 16 << 10

    private enum State {
        case head
        case fixed(remaining: Int)
        case chunkSize
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers
        case failed
    }
    private var state = State.head
    /// Counts for the body that is being read.
    private var bodyBytes = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerFields = 0

    /// Nothing of a request has been consumed.
    var isBetweenRequests: Bool {
        if case .head = state { true } else { false }
    }

    /// A loop and not a call from one state into the next: the peer decides how many lines and chunks follow each other,
    /// and must not decide how deep the stack is.
    mutating func next(_ input: inout ByteBuffer) -> Step {
        while true {
            if let step = advance(&input) { return step }
        }
    }

    /// Nil where something was consumed that is no step of its own: a line of a chunked body.
    private mutating func advance(_ input: inout ByteBuffer) -> Step? {
        switch state {
        case .head: nextHead(&input)
        case .fixed(let remaining): nextFixed(&input, remaining)
        case .chunkSize: nextChunkSize(&input)
        case .chunkData(let remaining): nextChunkData(&input, remaining)
        case .chunkEnd: nextChunkEnd(&input)
        case .trailers: nextTrailer(&input)
        case .failed: .needsMore
        }
    }

    private mutating func reject(_ status: Int) -> Step {
        state = .failed
        return .rejected(status: status)
    }

    private mutating func nextHead(_ input: inout ByteBuffer) -> Step {
        // RFC 9112 §2.2: an empty line before the request line is to be ignored.
        while let byte = input.getInteger(at: input.readerIndex, as: UInt8.self), byte == 13 || byte == 10 {
            input.moveReaderIndex(forwardBy: 1)
        }
        var head = RequestHead()
        // No more than a head may be long: what is wrong with a request must not depend on how it came in.
        let result = input.withUnsafeReadableBytes { bytes in
            HeadScanner(bytes: UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.maxHeadBytes))).scan(into: &head)
        }
        switch result {
        case .incomplete:
            return input.readableBytes >= Self.maxHeadBytes ? reject(431) : .needsMore
        case .rejected(let status): return reject(status)
        case .complete(let length):
            guard let bytes = input.readSlice(length: length) else { return .needsMore }
            head.bytes = bytes
        }
        (bodyBytes, extensionBytes, trailerBytes, trailerFields) = (0, 0, 0, 0)
        switch head.body {
        case .none: break
        case .length(let length) where length > Self.maxBodyBytes: return reject(413)
        case .length(let length): state = .fixed(remaining: length)
        case .chunked: state = .chunkSize
        }
        return .head(head)
    }

    private mutating func nextFixed(_ input: inout ByteBuffer, _ remaining: Int) -> Step {
        if remaining == 0 {
            state = .head
            return .end
        }
        guard let part = input.readSlice(length: min(remaining, input.readableBytes)), part.readableBytes > 0 else {
            return .needsMore
        }
        state = .fixed(remaining: remaining - part.readableBytes)
        return .body(part)
    }

    private mutating func nextChunkSize(_ input: inout ByteBuffer) -> Step? {
        let line: ByteBufferView
        switch takeLine(&input) {
        case .incomplete: return .needsMore
        case .malformed, .tooLong: return reject(400)
        case .complete(let bytes): line = bytes
        }
        let digits = line.prefix { $0 != UInt8(ascii: ";") }
        guard (1...8).contains(digits.count), digits.allSatisfy(\.isHexDigit),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return reject(400) }
        extensionBytes += line.count - digits.count
        guard extensionBytes <= Self.maxExtensionBytes else { return reject(400) }
        bodyBytes += size
        guard bodyBytes <= Self.maxBodyBytes else { return reject(413) }
        state = size == 0 ? .trailers : .chunkData(remaining: size)
        return nil
    }

    private mutating func nextChunkData(_ input: inout ByteBuffer, _ remaining: Int) -> Step {
        guard let part = input.readSlice(length: min(remaining, input.readableBytes)), part.readableBytes > 0 else {
            return .needsMore
        }
        let left = remaining - part.readableBytes
        state = left == 0 ? .chunkEnd : .chunkData(remaining: left)
        return .body(part)
    }

    private mutating func nextChunkEnd(_ input: inout ByteBuffer) -> Step? {
        guard input.readableBytes >= 2 else { return .needsMore }
        guard let bytes = input.readInteger(as: UInt16.self), bytes == 0x0d0a else { return reject(400) }
        state = .chunkSize
        return nil
    }

    private mutating func nextTrailer(_ input: inout ByteBuffer) -> Step? {
        let line: ByteBufferView
        switch takeLine(&input) {
        case .incomplete: return .needsMore
        case .malformed: return reject(400)
        case .tooLong: return reject(431)
        case .complete(let bytes): line = bytes
        }
        guard !line.isEmpty else {
            state = .head
            return .end
        }
        trailerBytes += line.count + 2
        trailerFields += 1
        guard trailerBytes <= Self.maxTrailerBytes, trailerFields <= Self.maxFields else { return reject(431) }
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        // The same as in the head: no folded line, no blank before the colon.
        guard !name.isEmpty, name.count < line.count, !name.contains(where: { $0 <= 0x20 }) else { return reject(400) }
        return nil
    }

    private enum Line {
        case incomplete, malformed, tooLong
        /// Without its CRLF.
        case complete(ByteBufferView)
    }

    private func takeLine(_ input: inout ByteBuffer) -> Line {
        let bytes = input.readableBytesView.prefix(Self.maxLineBytes)
        guard let end = bytes.firstIndex(of: 10) else {
            return bytes.count < Self.maxLineBytes ? .incomplete : .tooLong
        }
        let line = bytes[bytes.startIndex..<end].dropLast()
        guard end > bytes.startIndex, bytes[end - 1] == 13, line.allSatisfy(\.isText) else { return .malformed }
        input.moveReaderIndex(to: end + 1)
        return .complete(line)
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        (0x30...0x39).contains(self) || (0x61...0x66).contains(self | 0x20)
    }

    /// Allowed in a line: everything but control characters, the tabulator aside.
    fileprivate var isText: Bool { self >= 0x20 && self != 0x7f || self == 9 }
}
