import HTTP1

/// What a parser found in one stream of bytes, without the traces of how the reads cut it: neighbouring body parts are
/// one, and `.needMore` is left out.
enum Found: Equatable, CustomStringConvertible {
    case informational(Int)
    case head(ResponseHead)
    case body([UInt8])
    case end(Persistence)
    case unsolicited
    case failed(FramingError)

    var description: String {
        switch self {
        case .informational(let status): "informational(\(status))"
        case .head(let head): "head(\(head.status), \(head.bodyLength), \(head.persistence))"
        case .body(let bytes): "body(\(text(bytes)))"
        case .end(let persistence): "end(\(persistence))"
        case .unsolicited: "unsolicited"
        case .failed(let error): "failed(\(error.rawValue))"
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
}

/// The steps for `bytes`, read in pieces that end at `cuts` and at the end.
func parse(_ bytes: [UInt8], cuts: [Int] = [], _ feed: Feed = Feed()) -> [Found] {
    var parser = ResponseParser(limits: feed.limits, keepsHead: feed.keepsHead)
    return parse(bytes, cuts: cuts, feed, &parser)
}

func parse(_ bytes: [UInt8], cuts: [Int] = [], _ feed: Feed, _ parser: inout ResponseParser) -> [Found] {
    var found: [Found] = []
    var requestsLeft = feed.requests
    if requestsLeft > 0 {
        parser.start(feed.kind)
        requestsLeft -= 1
    }
    var lower = 0
    for upper in cuts + [bytes.count] {
        // A copy of its own for each read, so that a sanitizer sees a byte read outside it.
        let piece = Array(bytes[lower..<upper])
        lower = upper
        guard readAll(piece, &parser, &found, &requestsLeft, feed.kind) else { return found }
    }
    if feed.ending != .open {
        note(parser.end(isCleanClose: feed.ending == .clean), UnsafeRawBufferPointer(start: nil, count: 0), &found)
    }
    return found
}

/// Feeds one read. False if nothing more can come of the connection.
private func readAll(
    _ piece: [UInt8], _ parser: inout ResponseParser, _ found: inout [Found], _ requestsLeft: inout Int,
    _ kind: RequestKind
) -> Bool {
    piece.withUnsafeBytes { input in
        var offset = 0
        // Every step consumes a byte or changes what comes next; three steps that consume nothing can follow a byte.
        for _ in 0..<(4 * input.count + 8) {
            let step = parser.next(input, &offset)
            note(step, input, &found)
            switch step {
            case .needMore:
                if offset < input.count, found.last != .end(.upgraded) { fatalError("bytes were left") }
                return true
            case .unsolicited, .failed:
                return false
            case .end:
                if requestsLeft > 0 {
                    requestsLeft -= 1
                    parser.start(kind)
                }
            case .informational, .head, .body:
                break
            }
        }
        fatalError("no progress at \(offset) in \(text(piece))")
    }
}

private func note(_ step: ParserStep, _ input: UnsafeRawBufferPointer, _ found: inout [Found]) {
    switch step {
    case .needMore: break
    case .informational(let status): found.append(.informational(status))
    case .head(let head): found.append(.head(head))
    case .body(let range):
        if case .body(let earlier) = found.last {
            found[found.count - 1] = .body(earlier + input[range])
        } else {
            found.append(.body(Array(input[range])))
        }
    case .end(let persistence): found.append(.end(persistence))
    case .unsolicited: found.append(.unsolicited)
    case .failed(let error): found.append(.failed(error))
    }
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
