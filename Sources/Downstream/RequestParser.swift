import NIOCore

/// The head of a request: the few properties that determine the response, and the bytes for the few routes that need
/// more.
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
    /// The request-target is exactly `/`, the common case, which is detected without creating a string.
    var targetIsRoot = false
    /// The position of the request-target in `bytes`.
    var target: Range<Int> = 0..<0
    /// The head as received, including the empty line.
    var bytes = ByteBuffer()

    var targetString: String {
        bytes.getString(at: bytes.readerIndex + target.lowerBound, length: target.count) ?? ""
    }
}

/// Splits a byte stream into requests (RFC 9112). Incremental: an incomplete request stays in the input.
///
/// Deliberately strict, because a downstream is used to verify clients: bare LF, folded fields, blanks before the
/// colon, a missing Host and ambiguous lengths are refused.
struct RequestParser {
    enum Step {
        case needsMore
        /// If `head.body` is `.none` the request is complete; otherwise `body`s and one `end` follow.
        case head(RequestHead)
        case body(ByteBuffer)
        case end
        /// The connection cannot be used after this.
        case rejected(status: Int)
    }

    static let maxHeadBytes = 16 << 10
    static let maxFields = 100
    static let maxBodyBytes = 16 << 20
    /// The longest chunk-size line with its extensions, and the longest trailer line, each with its CRLF.
    static let maxLineBytes = 4096
    /// Limits for all chunk extensions of one body together, and for all its trailers together. A trailer section may
    /// have `maxFields` fields. Without these limits a body could go on forever without a byte of content.
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
    /// Counts for the current body.
    private var bodyBytes = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerFields = 0

    /// No part of a request has been consumed.
    var isBetweenRequests: Bool {
        if case .head = state { true } else { false }
    }

    /// A loop instead of recursion between the states, because the peer determines how many lines and chunks follow
    /// each other and must not determine the depth of the stack.
    mutating func next(_ input: inout ByteBuffer) -> Step {
        while true {
            if let step = advance(&input) { return step }
        }
    }

    /// Nil if something was consumed that produces no step: a line of a chunked body.
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
        // RFC 9112 §2.2: an empty line before the request line should be ignored.
        while let byte = input.getInteger(at: input.readerIndex, as: UInt8.self), byte == 13 || byte == 10 {
            input.moveReaderIndex(forwardBy: 1)
        }
        var head = RequestHead()
        // Limited to the maximum length of a head, so that errors do not depend on how the request was split into
        // reads.
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
        // The same checks as in the head: no folded line, no blank before the colon.
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

    /// Allowed in a line: everything except control characters other than the tab.
    fileprivate var isText: Bool { self >= 0x20 && self != 0x7f || self == 9 }
}
