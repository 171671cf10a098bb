import AgentCore
import DNSWire
import HTTP1
import HTTPTypes
import NIOCore
import NIOSSL
import PoolModel

/// A request that was checked and serialised on its caller's thread, so that the loop only has to write it.
struct PreparedRequest: Sendable {
    let origin: Origin
    /// nil if the origin is http.
    let tls: TLSContext?
    let methodName: String
    let isIdempotent: Bool
    let timeout: Nanoseconds?
    /// Everything but the body.
    let bytes: RequestBytes
    let body: ByteBuffer?
    let stream: AgentRequestBody.Stream?
    /// The body waits until the server has sent 100.
    let holdsBody: Bool

    init(
        _ request: HTTPRequest, _ body: AgentRequestBody, _ options: AgentRequestOptions, _ contexts: TLSContexts
    ) throws(AgentError) {
        let host: String
        (origin, host) = try Self.origin(request.scheme ?? "", request.authority ?? "")
        methodName = request.method.rawValue
        // A tunnel would have to be handed over to the caller, which the API cannot do yet.
        guard methodName != "CONNECT" else { throw .invalidRequest("CONNECT is not supported.") }
        isIdempotent = options.isIdempotent ?? RequestTemplate.isIdempotent(methodName)
        timeout = options.timeout?.clampedNanoseconds
        tls = origin.isTLS ? try contexts.context() : nil
        let framing: RequestBytes.Body
        switch body.content {
        case .none:
            (self.body, stream, framing) = (nil, nil, .none)
        case .bytes(let bytes):
            (self.body, stream, framing) = (bytes.readableBytes > 0 ? bytes : nil, nil, .exact(bytes.readableBytes))
        case .stream(let source):
            (self.body, stream) = (nil, source)
            framing = source.length.map { .exact($0) } ?? .chunked
        }
        var fields: [(name: String, value: String)] = []
        fields.reserveCapacity(request.headerFields.count)
        for field in request.headerFields { fields.append((field.name.rawName, field.value)) }
        let isExpecting = fields.contains(where: Self.isExpectation)
        holdsBody = isExpecting && (self.body != nil || stream != nil)
        // RFC 9110 §10.1.1 forbids the expectation without a body.
        if isExpecting && !holdsBody { throw origin.refusal("Expect: 100-continue needs a body.") }
        let path = request.path ?? ""
        do {
            bytes = try RequestBytes(
                method: request.method.rawValue, target: path.isEmpty ? "/" : path, host: host, fields: fields,
                body: framing)
        } catch {
            let field = RequestBytes.refusedField(in: fields).map { "\($0): " } ?? ""
            throw origin.refusal(field + error.sentence)
        }
    }

    func template(host: HostID, method: MethodID) -> RequestTemplate {
        RequestTemplate(
            host: host, method: method, bytes: bytes, isIdempotent: isIdempotent, timeout: timeout, body: body,
            hasStreamedBody: stream != nil, holdsBody: holdsBody)
    }

    /// The origin, and the value of the Host field if the request has none.
    private static func origin(
        _ scheme: String, _ authority: String
    ) throws(AgentError) -> (origin: Origin, host: String) {
        if Origin.isUnix(scheme) { return (try Origin(socket: authority), "localhost") }
        let read: Authority
        do throws(AuthorityError) { read = try Authority(authority) } catch { throw .invalidRequest(error.sentence) }
        do throws(HTTPURLError) {
            let origin = Origin(isTLS: try HTTPURL.isTLS(scheme), read)
            return (origin, read.isHostField ? authority : read.hostField)
        } catch {
            throw .invalidRequest(error.sentence)
        }
    }

    /// Compares the length first, because most fields are others.
    private static func isExpectation(_ field: (name: String, value: String)) -> Bool {
        guard field.name.utf8.count == 6, field.name.lowercased() == "expect" else { return false }
        return field.value.lowercased().split(separator: ",").contains { option in
            option.drop { $0 == " " || $0 == "\t" }.hasPrefix("100-continue")
        }
    }
}
