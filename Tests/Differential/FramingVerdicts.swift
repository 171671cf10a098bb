import HTTP1

/// Prints our parser's results for responses, one line of output per line of input, for `framing` to compare with other
/// parsers.
///
/// Input: `KIND ENDING CUTS HEX`, where KIND is GET, HEAD or CONNECT, ENDING is open or clean, and CUTS are the places
/// at which the reads end, joined by commas, or `-`. Output: `OUTCOME STATUS INFORMATIONAL LABEL HEX`; the label is the
/// framing error or why the connection cannot be used again, and the bytes are the body's. Built by `framing` together
/// with the parser and the tests' harness.
@main struct FramingVerdicts {
    static func main() {
        while let line = readLine() {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 4, let bytes = decoded(words[3]) else { fatalError("not a case: \(line)") }
            var feed = Feed()
            feed.kind = words[0] == "HEAD" ? .head : words[0] == "CONNECT" ? .connect : .ordinary
            feed.ending = words[1] == "clean" ? .clean : .open
            let cuts = words[2].split(separator: ",").compactMap { Int($0) }
            print(verdict(parse(bytes, cuts: cuts, feed)))
        }
    }

    private static func verdict(_ found: [Found]) -> String {
        var (outcome, status, informational, label) = ("incomplete", 0, 0, "-")
        var body: [UInt8] = []
        for step in found {
            switch step {
            case .informational: informational += 1
            case .head(let head): status = head.status
            case .body(let bytes): body += bytes
            case .end(let persistence): (outcome, label) = ("complete", "\(persistence)")
            case .failed(let error): (outcome, label) = ("error", error.rawValue)
            // Bytes after the response belong to the next request, and there is none.
            case .unsolicited, .fields: break
            }
        }
        return "\(outcome) \(status) \(informational) \(label) \(encoded(body))"
    }

    private static func decoded(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
