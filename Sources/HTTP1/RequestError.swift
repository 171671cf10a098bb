/// Why a request cannot be serialised. The raw value is a stable label; a case is never reused for another cause.
package enum RequestError: String, Error, Sendable, CaseIterable {
    /// The method is not a token (RFC 9110 §9.1).
    case badMethod
    /// The target does not begin with `/` and is neither the `*` of OPTIONS nor the authority of CONNECT (RFC 9112
    /// §3.2), or it contains a space, a control character, a character outside ASCII or a fragment.
    case badTarget
    /// Host is empty or not `uri-host [":" port]` (RFC 9110 §7.2).
    case badHost
    /// Host was given twice.
    case duplicateHost
    /// A field's name is not a token (RFC 9110 §5.1).
    case badFieldName
    /// A field's value contains CR, LF, NUL or another control character (RFC 9110 §5.5).
    case badFieldValue
    /// Content-Length, Transfer-Encoding, and `close` or `keep-alive` in Connection, which the agent sets itself. In
    /// trailers: a field that RFC 9110 §6.5.1 forbids there.
    case reservedField
    /// The method (TRACE, CONNECT) does not allow a body, or its length is negative.
    case badBody

    /// A sentence for users.
    package var sentence: String {
        switch self {
        case .badMethod: "The method has a character that is not allowed in one."
        case .badTarget: "The path does not begin with '/', or has a blank, a control character or a fragment."
        case .badHost: "Host is empty or has a character that is not allowed in it."
        case .duplicateHost: "Host is given twice."
        case .badFieldName: "A header field's name is empty or has a forbidden character."
        case .badFieldValue: "A header field's value has a control character."
        case .reservedField: "A header field is set by the agent itself and cannot be given."
        case .badBody: "The method does not allow a body, or the body's length is negative."
        }
    }
}
