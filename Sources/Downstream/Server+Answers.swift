import FoundationEssentials
import NIOCore

/// Turns plans into bytes.
extension Server {
    /// `closes`: this response ends the connection, for whatever reason. `served`: exchanges on it, including this one.
    func answer(
        _ plan: Plan, to head: RequestHead, body: ByteBuffer, closes: Bool, served: Int
    ) -> Answer {
        let ending: Answer.Ending = closes ? .close : .keep
        if plan.outcome != .served { return answer(plan.outcome, to: head, closes: closes, served: served) }
        switch plan.route {
        case .ordinary, .delay, .early:
            return Answer(bytes: kit.response(to: head, closes: closes, served: served), ending: ending)
        case .cut(let midway, let drop):
            guard midway else { return Answer(status: 0, ending: .cut(drop)) }
            var answer = Answer(bytes: kit.response(to: head, closes: closes, served: served))
            cutMidway(&answer, drop)
            return answer
        case .close:
            return Answer(bytes: kit.response(to: head, closes: true, served: served), ending: .close)
        case .silentClose:
            return Answer(bytes: kit.response(to: head, closes: closes, served: served), ending: .cut(.fin))
        case .unsolicited: return answer(.unsolicited, to: head, closes: closes, served: served)
        case .interim(let count):
            var bytes = ByteBuffer()
            for _ in 0..<count { bytes.writeImmutableBuffer(ResponseWriter(status: 103).serialised()) }
            bytes.writeImmutableBuffer(kit.response(to: head, closes: closes, served: served))
            return Answer(bytes: bytes, ending: ending)
        case .bytes(let count): return filled(count, .contentLength, head, ending, served)
        case .chunked(let count): return filled(count, .chunked, head, ending, served)
        case .untilClose(let count): return filled(count, .untilClose, head, .close, served)
        case .slowBody(let pieces, let gap): return slow(pieces, gap, head, ending, served)
        case .http10: return http10(head)
        case .hint(let text): return hinted(text, head, ending)
        case .echo: return described(200, "application/octet-stream", body, head, ending, served)
        case .headers: return described(200, "text/plain", head.bytes, head, ending, served)
        case .status(let status): return text(status, "\(status)\n", head, ending, served)
        case .unknown: return text(404, "no such path; see the table in the documentation\n", head, ending, served)
        case .stats: return json(head, ending, served)
        case .fault: return text(500, "faults are answered by the connection\n", head, ending, served)
        }
    }

    func text(
        _ status: Int, _ text: String, _ head: RequestHead, _ ending: Answer.Ending, _ served: Int,
        fields: [(name: String, value: String)] = []
    ) -> Answer {
        described(status, "text/plain", ByteBuffer(string: text), head, ending, served, fields: fields)
    }

    /// The response to an invalid request, about whose sender nothing is known.
    func refusal(_ status: Int) -> Answer {
        let writer = ResponseWriter(
            status: status, fields: [("Connection", "close")],
            body: ByteBuffer(string: ResponseWriter.reason(status) + "\n"))
        return Answer(status: status, bytes: writer.serialised(), ending: .close)
    }

    private func described(
        _ status: Int, _ contentType: String, _ body: ByteBuffer, _ head: RequestHead, _ ending: Answer.Ending,
        _ served: Int, fields: [(name: String, value: String)] = []
    ) -> Answer {
        var writer = writer(head, ending, served)
        writer.fields += fields
        writer.status = status
        writer.contentType = contentType
        writer.body = body
        return Answer(status: status, bytes: writer.serialised(), ending: ending)
    }

    private func writer(_ head: RequestHead, _ ending: Answer.Ending, _ served: Int) -> ResponseWriter {
        ResponseWriter(
            fields: ResponseKit.connectionFields(
                scenario, http10: head.isHTTP10, closes: ending != .keep, served: served),
            headOnly: head.method == .head)
    }

    private func json(_ head: RequestHead, _ ending: Answer.Ending, _ served: Int) -> Answer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            let text = String(decoding: try encoder.encode(stats), as: UTF8.self)
            return described(200, "application/json", ByteBuffer(string: text + "\n"), head, ending, served)
        } catch {
            return self.text(500, "\(error)\n", head, ending, served)
        }
    }

    private func filled(
        _ count: Int, _ framing: ResponseFraming, _ head: RequestHead, _ ending: Answer.Ending, _ served: Int
    ) -> Answer {
        // RFC 9112 §6.1: an HTTP/1.0 client cannot receive chunks, so the end of the connection ends the body instead.
        let framing = framing == .chunked && head.isHTTP10 ? .untilClose : framing
        let ending = framing == .untilClose ? .close : ending
        var writer = writer(head, ending, served)
        writer.framing = framing
        writer.body = ResponseWriter.filler(count)
        return Answer(bytes: writer.serialised(), ending: ending)
    }

    private func slow(
        _ pieces: Int, _ gap: Int64, _ head: RequestHead, _ ending: Answer.Ending, _ served: Int
    ) -> Answer {
        let piece = ResponseWriter.filler(64)
        var writer = writer(head, ending, served)
        writer.headOnly = true
        writer.fields.append(("Content-Length", "\(64 * pieces)"))
        writer.framing = .untilClose
        var answer = Answer(bytes: writer.serialised(), ending: ending)
        if head.method != .head { answer.pieces = Array(repeating: piece, count: pieces) }
        answer.gap = gap
        return answer
    }

    private func http10(_ head: RequestHead) -> Answer {
        var writer = ResponseWriter(version: "HTTP/1.0", headOnly: head.method == .head)
        writer.body = ResponseWriter.filler(scenario.bodyBytes)
        return Answer(bytes: writer.serialised(), ending: .close)
    }

    private func hinted(_ text: String, _ head: RequestHead, _ ending: Answer.Ending) -> Answer {
        var writer = ResponseWriter(body: ResponseWriter.filler(scenario.bodyBytes), headOnly: head.method == .head)
        writer.fields = [("Connection", ending == .keep ? "keep-alive" : "close"), ("Keep-Alive", text)]
        return Answer(bytes: writer.serialised(), ending: ending)
    }

    func cutMidway(_ answer: inout Answer, _ drop: Scenario.Drop) {
        // Half of the body and not of all bytes, so that the head always arrives and the client is in the middle of a
        // body.
        let half = scenario.bodyBytes / 2 + 1
        let length = max(1, answer.bytes.readableBytes - half)
        answer.bytes = answer.bytes.getSlice(at: answer.bytes.readerIndex, length: length) ?? answer.bytes
        answer.ending = .cut(drop)
    }
}
