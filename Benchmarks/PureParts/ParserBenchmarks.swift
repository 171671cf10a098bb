import HTTP1

/// Bodies in reads of 64 KiB, and heads as nginx sends them, in one read each.
let parserBenchmarks: [Maker] = [
    Maker("parser: body of 16 MiB with Content-Length") { name in
        bodyBenchmark(name, head: "Content-Length: \(16 << 20)", body: [UInt8](repeating: 0x61, count: 16 << 20))
    },
    Maker("parser: body of 16 MiB in chunks of 8 KiB") { name in
        bodyBenchmark(name, head: "Transfer-Encoding: chunked", body: chunked(16 << 20, by: 8192))
    },
    Maker("parser: body of 16 MiB in chunks of 256 bytes") { name in
        bodyBenchmark(name, head: "Transfer-Encoding: chunked", body: chunked(16 << 20, by: 256))
    },
    Maker("parser: a whole response of nginx, \(Responses.nginx.count) bytes") { name in
        headBenchmark(name, Responses.nginx)
    },
    Maker("parser: a whole response of a service, \(Responses.service.count) bytes") { name in
        headBenchmark(name, Responses.service, goal: nil)
    },
]

private enum Responses {
    /// As nginx serves a small file.
    static let nginx = bytes(
        """
        HTTP/1.1 200 OK
        Server: nginx/1.22.1
        Date: Wed, 25 Nov 2026 13:15:25 GMT
        Content-Type: text/plain
        Content-Length: 13
        Last-Modified: Wed, 25 Nov 2026 10:00:00 GMT
        Connection: keep-alive
        ETag: "6925a9f0-d"
        Accept-Ranges: bytes

        hello, world

        """)

    /// As an API behind a proxy answers, with the fields that proxies and frameworks add.
    static let service = bytes(
        """
        HTTP/1.1 200 OK
        Date: Wed, 25 Nov 2026 13:15:25 GMT
        Content-Type: application/json; charset=utf-8
        Content-Length: 13
        Connection: keep-alive
        Keep-Alive: timeout=60, max=1000
        Cache-Control: no-cache, no-store, max-age=0, must-revalidate
        X-Request-Id: 5d2ab3c4-7e1f-4a50-9c1b-0c9c1f3f2d11
        X-Frame-Options: DENY
        X-Content-Type-Options: nosniff
        Strict-Transport-Security: max-age=31536000; includeSubDomains
        Vary: Origin, Accept-Encoding
        Server-Timing: app;dur=12.3, db;dur=4.5
        ETag: W/"d-NwP9pBgDkh6Txvl4vqkYFQ"

        {"id":12345}

        """)

    /// Line ends as they are on the wire; the body's own is one byte.
    private static func bytes(_ text: String) -> [UInt8] {
        let parts = text.split(separator: "\n\n", maxSplits: 1)
        let head = parts[0].split(separator: "\n").joined(separator: "\r\n")
        return Array((head + "\r\n\r\n" + parts[1]).utf8)
    }
}

private func chunked(_ count: Int, by size: Int) -> [UInt8] {
    var body: [UInt8] = []
    for _ in 0..<count / size {
        body += Array((String(size, radix: 16) + "\r\n").utf8)
        body += [UInt8](repeating: 0x61, count: size)
        body += [0x0D, 0x0A]
    }
    return body + Array("0\r\n\r\n".utf8)
}

private func headBenchmark(_ name: String, _ response: [UInt8], goal: Goal? = .atMost(500)) -> Benchmark {
    var parser = ResponseParser()
    return Benchmark(name: name, unit: .nanoseconds, goal: goal) { count in
        var complete = 0
        response.withUnsafeBytes { bytes in
            for _ in 0..<count where read(bytes, with: &parser) == 13 { complete += 1 }
        }
        return complete
    }
}

private func bodyBenchmark(_ name: String, head: String, body: [UInt8]) -> Benchmark {
    let message = Array("HTTP/1.1 200 OK\r\n\(head)\r\n\r\n".utf8) + body
    var parser = ResponseParser()
    return Benchmark(name: name, unit: .gigabytesPerSecond, goal: .atLeast(1), bytesPerOperation: 16 << 20) { count in
        var complete = 0
        message.withUnsafeBytes { bytes in
            for _ in 0..<count where read(bytes, with: &parser) == 16 << 20 { complete += 1 }
        }
        return complete
    }
}

/// Gives a response to the parser as reads of 64 KiB; the bytes of its body, or -1 where it does not end.
@inline(never)
private func read(_ message: UnsafeRawBufferPointer, with parser: inout ResponseParser) -> Int {
    parser.start(.ordinary)
    var body = 0
    var start = 0
    while start < message.count {
        let part = UnsafeRawBufferPointer(rebasing: message[start..<min(start + 65_536, message.count)])
        var offset = 0
        reading: while true {
            switch parser.next(part, &offset) {
            case .needMore: break reading
            case .head, .informational: continue
            case .body(let range): body += range.count
            case .end: return start + offset == message.count ? body : -1
            case .unsolicited, .failed: return -1
            }
        }
        start += part.count
    }
    return -1
}
