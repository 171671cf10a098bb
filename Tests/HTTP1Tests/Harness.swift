import HTTP1

/// A parser's results for a stream of bytes, independent of how it was split into reads: adjacent body parts are
/// joined, and `.needMore` is left out.
enum Found: Equatable, CustomStringConvertible {
    case informational(Int)
    case head(ResponseHead)
    case body([UInt8])
    case end(Persistence)
    case unsolicited
    case failed(FramingError)
    /// The fields of the head that was kept, or of its trailers.
    case fields([String])

    var description: String {
        switch self {
        case .informational(let status): "informational(\(status))"
        case .head(let head): "\(head.status)(\(head.bodyLength), \(head.persistence))"
        case .body(let bytes): "body(\(text(bytes)))"
        case .end(let persistence): "end(\(persistence))"
        case .unsolicited: "unsolicited"
        case .failed(let error): "failed(\(error.rawValue))"
        case .fields(let fields): "fields(\(fields.joined(separator: "|")))"
        }
    }
}

/// How the connection ends after the last byte.
enum Ending: CaseIterable {
    /// It stays open.
    case open
    case clean
    case unclean
}

/// How a stream is given to the parser.
struct Feed {
    var kind = RequestKind.ordinary
    var limits = ResponseParser.Limits()
    var keepsHead = false
    var ending = Ending.open
    /// How many requests are put on the connection: the next one as soon as the response before is complete.
    var requests = 1
    /// Bytes of something else in front of each read, which the parser is told to begin after.
    var padding = 0
}

/// The steps for `bytes`, read in pieces that end at `cuts` and at the end.
func parse(_ bytes: [UInt8], cuts: [Int] = [], _ feed: Feed = Feed()) -> [Found] {
    var reader = Reader(feed)
    var lower = 0
    for upper in cuts + [bytes.count] {
        // A copy of its own for each read, so that a sanitizer sees a byte read outside it.
        let piece = Array(repeating: UInt8(ascii: "#"), count: feed.padding) + bytes[lower..<upper]
        lower = upper
        guard reader.read(piece) else { return reader.found }
    }
    if feed.ending != .open { reader.end() }
    return reader.found
}

/// Plays the connection handler: feeds reads to a parser, and puts the next request on as soon as it may.
struct Reader {
    let feed: Feed
    var parser: ResponseParser
    var found: [Found] = []
    private var requestsLeft: Int

    init(_ feed: Feed) {
        self.feed = feed
        parser = ResponseParser(limits: feed.limits, keepsHead: feed.keepsHead)
        requestsLeft = feed.requests
        startIfWanted()
    }

    private mutating func startIfWanted() {
        guard requestsLeft > 0, parser.isIdle else { return }
        requestsLeft -= 1
        parser.start(feed.kind)
    }

    /// False if nothing more can come of the connection.
    mutating func read(_ piece: [UInt8]) -> Bool {
        piece.withUnsafeBytes { input in
            var offset = feed.padding
            // Each step consumes a byte or changes what comes next; at most four in a row consume none.
            for _ in 0..<(4 * input.count + 8) {
                let before = offset
                let step = parser.next(input, &offset)
                guard offset >= before, offset <= input.count else { fatalError("the offset went astray") }
                note(step, input)
                switch step {
                case .needMore:
                    guard offset == input.count || found.last == .end(.upgraded) else { fatalError("bytes were left") }
                    return true
                case .unsolicited, .failed:
                    guard parser.next(input, &offset) == step else { fatalError("a failure did not last") }
                    return false
                case .informational, .head, .body, .end:
                    startIfWanted()
                }
            }
            fatalError("no progress at \(offset) of \(text(piece))")
        }
    }

    mutating func end() {
        note(parser.end(isCleanClose: feed.ending == .clean), UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private mutating func note(_ step: ParserStep, _ input: UnsafeRawBufferPointer) {
        switch step {
        case .needMore: break
        case .informational(let status): found.append(.informational(status))
        case .head(let head):
            found.append(.head(head))
            if feed.keepsHead { found.append(.fields(lines(parser.takeHead()))) }
        case .body(let range):
            if case .body(let earlier) = found.last {
                found[found.count - 1] = .body(earlier + input[range])
            } else {
                found.append(.body(Array(input[range])))
            }
        case .end(let persistence):
            let trailers = parser.takeTrailers()
            if !trailers.isEmpty { found.append(.fields(lines(trailers))) }
            found.append(.end(persistence))
        case .unsolicited: found.append(.unsolicited)
        case .failed(let error): found.append(.failed(error))
        }
    }
}

func lines(_ fields: HeadFields) -> [String] {
    fields.map { text($0.name) + ": " + text($0.value) }
}

/// Lines joined by CRLF, the text's bytes as UTF-8. Every `\n` of the text becomes CRLF; `\u{240A}` (␊) becomes a bare
/// LF and `\u{240D}` (␍) a bare CR.
func message(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\n": bytes += [13, 10]
        case "\u{240A}": bytes.append(10)
        case "\u{240D}": bytes.append(13)
        default: bytes += String(scalar).utf8
        }
    }
    return bytes
}

func text(_ bytes: some Collection<UInt8>) -> String {
    bytes.map { byte in
        byte > 0x20 && byte < 0x7F ? String(UnicodeScalar(byte)) : byte == 0x20 ? " " : "\\x" + String(byte, radix: 16)
    }.joined()
}
