import HTTP1
import Testing

/// A connection that ends too early is never taken for a complete response.
@Suite struct TruncationTests {
    @Test(
        "An end after any byte is never taken for a complete response",
        arguments: ValidCorpus.all.filter { $0.feed.requests == 1 })
    func endAfterEveryByte(_ sample: Sample) {
        let whole = parse(sample.bytes, sample.feed)
        for count in 0..<sample.bytes.count {
            var feed = sample.feed
            feed.ending = .clean
            let found = parse(Array(sample.bytes[..<count]), feed)
            #expect(isHonest(found, whole), "\(count) bytes: \(found)")
            feed.ending = .unclean
            let unclean = parse(Array(sample.bytes[..<count]), feed)
            #expect(isHonest(unclean, whole), "\(count) bytes: \(unclean)")
        }
    }

    /// A failure; or the end of a body whose end is the connection's; or all of the body.
    private func isHonest(_ found: [Found], _ whole: [Found]) -> Bool {
        switch found.last {
        case .failed(let error):
            return [.noResponse, .noFinalResponse, .truncatedHead, .incompleteBody].contains(error)
        case .end:
            return found.contains(where: isUntilClose) || bodies(found) == bodies(whole)
        case .none, .informational, .head, .body, .unsolicited, .fields:
            return false
        }
    }

    private func isUntilClose(_ found: Found) -> Bool {
        guard case .head(let head) = found else { return false }
        return head.bodyLength == .untilClose
    }

    private func bodies(_ found: [Found]) -> [[UInt8]] {
        found.compactMap { if case .body(let bytes) = $0 { bytes } else { nil } }
    }

    @Test("An end without any byte is no response")
    func nothing() {
        #expect(parse([], Feed(ending: .clean)) == [.failed(.noResponse)])
    }

    @Test("A stray line end alone is no response")
    func onlyTheStrayLineEnd() {
        #expect(parse(message("\n"), Feed(ending: .clean)) == [.failed(.noResponse)])
    }

    @Test("A 1xx response alone is no final response")
    func onlyInformational() {
        let found = parse(message("HTTP/1.1 100 Continue\n\n"), Feed(ending: .clean))
        #expect(found == [.informational(100), .failed(.noFinalResponse)])
    }

    @Test("An end inside the head is reported as such")
    func insideTheHead() {
        #expect(parse(message("H"), Feed(ending: .clean)) == [.failed(.truncatedHead)])
        #expect(parse(message("HTTP/1.1 200 OK\nA: b\n"), Feed(ending: .clean)) == [.failed(.truncatedHead)])
    }

    @Test("An end without a request is not a failure")
    func withoutARequest() {
        #expect(parse([], Feed(ending: .clean, requests: 0)) == [])
    }
}
