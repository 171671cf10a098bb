import HTTP1

/// One request as the prober sends it.
struct ProbeRequest: Sendable {
    let kind: RequestKind
    let bytes: [UInt8]

    /// As HTTP/1.1 has it: without a `Connection` field, the connection is kept.
    init(_ request: RequestBytes) {
        kind = request.kind
        bytes = request.keepAlive
    }

    /// With `Connection: keep-alive`, as HTTP/1.0 has it and as Node's agent still says.
    init(askingToKeep request: RequestBytes) {
        kind = request.kind
        bytes = request.askingToKeep
    }
}

/// The beginning of an HTTP/2 connection, by which a server shows that it did not understand HTTP/1.
enum HTTP2Preface {
    /// The length of a frame's head.
    static let length = 9

    /// A server begins with SETTINGS on stream 0 (RFC 9113 §3.4); one that ends the connection at once may send GOAWAY
    /// instead.
    static func isServers(_ bytes: some Collection<UInt8>) -> Bool {
        let head = Array(bytes.prefix(length))
        guard head.count == length else { return false }
        let (settings, goAway): (UInt8, UInt8) = (4, 7)
        return head[0] == 0 && (head[3] == settings || head[3] == goAway) && head[4] == 0
            && head[5...].allSatisfy { $0 == 0 }
    }
}
