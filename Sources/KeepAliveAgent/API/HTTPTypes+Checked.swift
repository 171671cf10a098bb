public import AgentCore
import DNSWire
import HTTP1
public import HTTPTypes

// The HTTP types take any text: they put a blank in the place of every CR, LF, NUL and other control character, or drop
// it at an end, so that nobody can tell afterwards that somebody tried to end the line (RFC 9110 §5.5). These say so.

extension HTTPField {
    /// Makes a field of a name and a value that others wrote, and refuses what may not be sent.
    ///
    /// Blanks around the value are taken away.
    ///
    /// - Throws: `invalidRequest`, with the field's name in its detail.
    public init(checkedName name: String, value: String) throws(AgentError) {
        let checked: String
        do throws(RequestError) {
            checked = try RequestBytes.checkedValue(name, value)
        } catch {
            throw .invalidRequest("\(RequestBytes.visible(name)): \(error.sentence)")
        }
        guard let name = HTTPField.Name(name) else { throw .invalidRequest(RequestError.badFieldName.sentence) }
        self.init(name: name, value: checked)
    }
}

extension HTTPRequest {
    /// Makes a request of texts that others wrote, and refuses what may not be sent.
    ///
    /// - Parameters:
    ///   - method: any token. CONNECT is refused when the request is executed.
    ///   - url: http or https, with a host and perhaps a port, a path and a query. Nothing in it is decoded or made tidy; a
    ///     fragment is dropped, user information refused.
    ///   - fields: in the order in which they are to be sent.
    /// - Throws: `invalidRequest`, with the name of the part in its detail.
    public init(
        checkedMethod method: String, url: String, fields: [(name: String, value: String)] = []
    ) throws(AgentError) {
        guard let method = Method(rawValue: method) else { throw .invalidRequest(RequestError.badMethod.sentence) }
        let parts: HTTPURL
        do throws(HTTPURLError) { parts = try HTTPURL(url) } catch { throw .invalidRequest(error.sentence) }
        self.init(
            method: method, scheme: parts.isTLS ? "https" : "http",
            authority: Authority.text(host: parts.authority.host, port: parts.authority.port), path: parts.target)
        for field in fields { headerFields.append(try HTTPField(checkedName: field.name, value: field.value)) }
    }
}
