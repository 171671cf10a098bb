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
    /// Longest chunk-size line with its extensions, and longest trailer section.
    static let maxLineBytes = 4096

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
    private var bodyBytes = 0

    /// Nothing of a request has been consumed.
    var isBetweenRequests: Bool {
        if case .head = state { true } else { false }
    }

    mutating func next(_ input: inout ByteBuffer) -> Step {
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
        switch input.withUnsafeReadableBytes({ HeadScanner(bytes: $0).scan(into: &head) }) {
        case .incomplete:
            return input.readableBytes > Self.maxHeadBytes ? reject(431) : .needsMore
        case .rejected(let status): return reject(status)
        case .complete(let length):
            guard length <= Self.maxHeadBytes, let bytes = input.readSlice(length: length) else { return reject(431) }
            head.bytes = bytes
        }
        bodyBytes = 0
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

    private mutating func nextChunkSize(_ input: inout ByteBuffer) -> Step {
        guard let line = takeLine(&input) else {
            return input.readableBytes > Self.maxLineBytes ? reject(400) : .needsMore
        }
        let digits = line.utf8.prefix { $0 != UInt8(ascii: ";") }
        guard (1...8).contains(digits.count), digits.allSatisfy(\.isHexDigit),
            let size = Int(String(Substring(digits)), radix: 16)
        else { return reject(400) }
        bodyBytes += size
        guard bodyBytes <= Self.maxBodyBytes else { return reject(413) }
        state = size == 0 ? .trailers : .chunkData(remaining: size)
        return next(&input)
    }

    private mutating func nextChunkData(_ input: inout ByteBuffer, _ remaining: Int) -> Step {
        guard let part = input.readSlice(length: min(remaining, input.readableBytes)), part.readableBytes > 0 else {
            return .needsMore
        }
        let left = remaining - part.readableBytes
        state = left == 0 ? .chunkEnd : .chunkData(remaining: left)
        return .body(part)
    }

    private mutating func nextChunkEnd(_ input: inout ByteBuffer) -> Step {
        guard input.readableBytes >= 2 else { return .needsMore }
        guard let bytes = input.readInteger(as: UInt16.self), bytes == 0x0d0a else { return reject(400) }
        state = .chunkSize
        return next(&input)
    }

    private mutating func nextTrailer(_ input: inout ByteBuffer) -> Step {
        guard let line = takeLine(&input) else {
            return input.readableBytes > Self.maxLineBytes ? reject(431) : .needsMore
        }
        guard line.isEmpty else { return next(&input) }
        state = .head
        return .end
    }

    /// The next line without its CRLF, or nil while it is incomplete.
    private func takeLine(_ input: inout ByteBuffer) -> String? {
        guard let end = input.readableBytesView.firstIndex(of: 10), end > input.readerIndex,
            let line = input.readString(length: end - input.readerIndex + 1), line.utf8.dropLast().last == 13
        else { return nil }
        return String(Substring(line.utf8.dropLast(2)))
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        (0x30...0x39).contains(self) || (0x61...0x66).contains(self | 0x20)
    }
}
