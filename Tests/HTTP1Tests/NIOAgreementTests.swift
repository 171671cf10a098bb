import HTTP1
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

/// On valid input the parser agrees with llhttp, Node's parser, as NIOHTTP1 carries it: an independent witness.
@Suite(.serialized) struct NIOAgreementTests {
    @Test("The parser agrees with llhttp on valid input", arguments: ValidCorpus.all.filter(\.isReadByNIO))
    func agrees(_ sample: Sample) throws {
        var feed = sample.feed
        feed.keepsHead = true
        let expected = try NIOReader.read(sample.bytes, feed)
        #expect(simplified(parse(sample.bytes, feed)) == expected)
    }

    /// Also where they are cut in the middle.
    @Test("The parser agrees with llhttp on split input", arguments: ValidCorpus.all.filter(\.isReadByNIO))
    func agreesWhenCut(_ sample: Sample) throws {
        var feed = sample.feed
        feed.keepsHead = true
        let cut = sample.bytes.count / 2
        let expected = try NIOReader.read(sample.bytes, cuts: [cut], feed)
        #expect(simplified(parse(sample.bytes, cuts: [cut], feed)) == expected)
    }
}

/// Where both read a damaged message to its end, they find the same end: a response that one parser takes for complete
/// and the other does not is how a response is smuggled. What only one of them accepts is not compared.
@Suite struct NIOAgreementOnDamagedTests {
    @Test("Both parsers find the same end of a damaged message")
    func agrees() {
        var compared = 0
        for seed in UInt64(0)..<8000 {
            let mutant = Mutant(seed: seed)
            var feed = Feed(kind: mutant.feed.kind, ending: .clean)
            if feed.kind == .connect { feed.kind = .ordinary }
            // llhttp takes a comma inside a quoted string for the end of a transfer coding (not so RFC 9110 §5.6.4).
            if text(mutant.bytes).contains("x;y=") { continue }
            let found = parse(mutant.bytes, feed)
            guard case .end = found.last, found.last != .end(.upgraded),
                let expected = try? NIOReader.read(mutant.bytes, feed), expected.last == "end"
            else { continue }
            compared += 1
            // Fields are left out: NIO repairs what is not UTF-8.
            #expect(simplified(found) == expected.filter { !$0.hasPrefix("fields(") }, "seed \(seed): \(mutant)")
        }
        #expect(compared > 300)
    }
}

/// The results of both parsers, as text.
func simplified(_ found: [Found]) -> [String] {
    found.map { step in
        switch step {
        case .informational(let status): "1.1 \(status)"
        case .head(let head): "1.\(head.minorVersion) \(head.status)"
        case .end: "end"
        case .body, .unsolicited, .failed, .fields: step.description
        }
    }
}

enum NIOReader {
    /// The parts that NIO finds, or the error that it throws.
    static func read(_ bytes: [UInt8], cuts: [Int] = [], _ feed: Feed) throws -> [String] {
        let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward)
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(decoder))
        defer { _ = try? channel.finish() }
        for _ in 0..<feed.requests {
            let head = HTTPRequestHead(version: .http1_1, method: method(feed.kind), uri: "/")
            try channel.writeOutbound(HTTPClientRequestPart.head(head))
        }
        var lower = 0
        for upper in cuts + [bytes.count] {
            try channel.writeInbound(ByteBuffer(bytes: bytes[lower..<upper]))
            lower = upper
        }
        if feed.ending == .clean {
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            channel.pipeline.fireChannelInactive()
        }
        var parts: [HTTPClientResponsePart] = []
        while let part = try channel.readInbound(as: HTTPClientResponsePart.self) { parts.append(part) }
        return simplified(parts)
    }

    private static func simplified(_ parts: [HTTPClientResponsePart]) -> [String] {
        var result: [String] = []
        var body: [UInt8] = []
        for part in parts {
            switch part {
            case .head(let head):
                result.append("1.\(head.version.minor) \(head.status.code)")
                if head.status.code >= 200 { result.append(fields(head.headers)) }
            case .body(let buffer):
                body += buffer.readableBytesView
            case .end(let trailers):
                if !body.isEmpty { result.append("body(\(text(body)))") }
                body = []
                if let trailers, !trailers.isEmpty { result.append(fields(trailers)) }
                result.append("end")
            }
        }
        return result
    }

    /// NIO leaves the blanks behind a trailer's value, which are not part of it (RFC 9112 §5).
    private static func fields(_ headers: HTTPHeaders) -> String {
        let lines = headers.map { name, value in
            text(name.utf8) + ": " + text(value.utf8).trimmingSuffix { $0 == " " }
        }
        return "fields(" + lines.joined(separator: "|") + ")"
    }

    private static func method(_ kind: RequestKind) -> HTTPMethod {
        switch kind {
        case .ordinary: .GET
        case .head: .HEAD
        case .connect: .CONNECT
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> String {
        var result = self
        while let last = result.last, isDropped(last) { result.removeLast() }
        return result
    }
}
