import NIOCore

/// The ordinary responses of a scenario, serialised once. Sending one costs a reference count, not a copy.
struct ResponseKit {
    /// Indexed by `closes` and `headOnly`.
    private let ordinary: [ByteBuffer]
    /// For HTTP/1.0 clients, which cannot receive chunks (RFC 9112 §6.1).
    private let ordinary10: [ByteBuffer]
    /// The hint counts down, so the response must be built for each request.
    private let countsDown: Bool
    private let scenario: Scenario
    private let body: ByteBuffer

    init(_ scenario: Scenario) {
        self.scenario = scenario
        let body = ResponseWriter.filler(scenario.bodyBytes)
        self.body = body
        countsDown = scenario.keepAliveHint?.saysMaximum ?? false
        func variants(http10: Bool) -> [ByteBuffer] {
            [(false, false), (false, true), (true, false), (true, true)].map { closes, headOnly in
                Self.make(scenario, body, http10: http10, closes: closes, headOnly: headOnly, served: 0)
            }
        }
        ordinary = variants(http10: false)
        ordinary10 = variants(http10: true)
    }

    /// `served` is the number of exchanges on this connection, including this one.
    func response(to head: RequestHead, closes: Bool, served: Int) -> ByteBuffer {
        let headOnly = head.method == .head
        if countsDown {
            return Self.make(
                scenario, body, http10: head.isHTTP10, closes: closes, headOnly: headOnly, served: served)
        }
        return (head.isHTTP10 ? ordinary10 : ordinary)[(closes ? 2 : 0) + (headOnly ? 1 : 0)]
    }

    private static func make(
        _ scenario: Scenario, _ body: ByteBuffer, http10: Bool, closes: Bool, headOnly: Bool, served: Int
    ) -> ByteBuffer {
        var writer = ResponseWriter(body: body, headOnly: headOnly)
        writer.fields = connectionFields(scenario, http10: http10, closes: closes, served: served)
        writer.framing = scenario.framing == .chunked && !http10 ? .chunked : .contentLength
        return writer.serialised()
    }

    /// The fields of this scenario's responses that concern the connection.
    static func connectionFields(
        _ scenario: Scenario, http10: Bool, closes: Bool, served: Int
    ) -> [(name: String, value: String)] {
        if closes { return [("Connection", "close")] }
        var hint: [String] = []
        if let seconds = scenario.keepAliveHint?.timeoutSeconds { hint.append("timeout=\(seconds)") }
        if scenario.keepAliveHint?.saysMaximum == true, let limit = scenario.requestsPerConnection {
            hint.append("max=\(limit - served)")
        }
        guard !hint.isEmpty || http10 else { return [] }
        let connection = [("Connection", "keep-alive")]
        return hint.isEmpty ? connection : connection + [("Keep-Alive", hint.joined(separator: ", "))]
    }
}
