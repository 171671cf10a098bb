import AgentCore
import DNSWire
import HTTP1
import HTTPTypes
import NIOCore

/// A request of the async surface, checked and put into bytes on its caller's thread, so that the loop only writes it.
struct PreparedRequest: Sendable {
    let origin: Origin
    /// nil: the origin is http.
    let tls: TLSContext?
    let methodName: String
    let isIdempotent: Bool
    let timeout: Nanoseconds?
    /// All but the body.
    let bytes: RequestBytes
    let body: ByteBuffer?
    let stream: AgentRequestBody.Stream?

    init(
        _ request: HTTPRequest, _ body: AgentRequestBody, _ options: AgentRequestOptions, _ contexts: TLSContexts
    ) throws(AgentError) {
        let text = request.authority ?? ""
        let authority: Authority
        do throws(AuthorityError) { authority = try Authority(text) } catch { throw .invalidRequest(error.sentence) }
        do throws(HTTPURLError) {
            origin = Origin(isTLS: try HTTPURL.isTLS(request.scheme ?? ""), authority)
        } catch {
            throw .invalidRequest(error.sentence)
        }
        methodName = request.method.rawValue
        // A tunnel would have to be handed over to the caller, for which there is no way yet.
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
        do throws(AgentError) {
            bytes = try Self.bytes(request, authority.isHostField ? text : authority.hostField, framing)
        } catch {
            throw AgentError(cause: error.cause, origin: origin.text, detail: error.detail)
        }
    }

    private static func bytes(
        _ request: HTTPRequest, _ host: String, _ body: RequestBytes.Body
    ) throws(AgentError) -> RequestBytes {
        var fields: [(name: String, value: String)] = []
        fields.reserveCapacity(request.headerFields.count)
        for field in request.headerFields { fields.append((field.name.rawName, field.value)) }
        let path = request.path ?? ""
        do {
            return try RequestBytes(
                method: request.method.rawValue, target: path.isEmpty ? "/" : path, host: host,
                fields: fields, body: body)
        } catch {
            let field = RequestBytes.refusedField(in: fields).map { "\($0): " } ?? ""
            throw .invalidRequest(field + error.sentence)
        }
    }
}
