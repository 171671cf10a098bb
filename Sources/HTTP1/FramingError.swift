/// Why a response cannot be delivered. After any of these errors the connection must not be reused.
///
/// The raw value is a stable label; a case is never reused for another cause.
package enum FramingError: String, Error, Sendable, CaseIterable {
    /// The first line is not `HTTP/1.x SP 3DIGIT [SP reason]` (RFC 9112 §4).
    case badStatusLine
    /// Head and trailers together exceed `Limits.headBytes`.
    case headTooLarge
    /// Head and trailers together have more fields than `Limits.fields`.
    case tooManyFields
    /// A line begins with a blank: obs-fold, or a blank after the status line (RFC 9112 §5.2, §2.2).
    case obsoleteFolding
    /// Blanks stand between a field's name and its colon (RFC 9112 §5.1).
    case spaceBeforeColon
    /// A field line has no colon.
    case missingColon
    /// A field's name is empty or contains a character that is not a token character.
    case badFieldName
    /// A line contains NUL or another control character (RFC 9110 §5.5).
    case controlCharacter
    /// CR without LF (RFC 9112 §2.2).
    case bareCarriageReturn
    /// LF without CR (`LineScan` explains why it is refused).
    case bareLineFeed
    /// Content-Length is not a decimal number that fits (RFC 9112 §6.3 rule 5).
    case badContentLength
    /// Several Content-Length values differ (RFC 9112 §6.3 rule 5).
    case conflictingContentLength
    /// `chunked` has parameters, although none are defined (RFC 9112 §7.1).
    case badTransferCoding
    /// A chunk's size is not hexadecimal, or is larger than 2^53.
    case badChunkSize
    /// A chunk's data is not followed by CRLF.
    case badChunkEnd
    /// Chunk extensions exceed `Limits.chunkExtensionBytes`.
    case chunkExtensionTooLarge
    /// More 1xx responses than `Limits.informational` came before the final one.
    case tooManyInformational
    /// The connection ended before any byte of a response.
    case noResponse
    /// The connection ended after a 1xx response, before any byte of the final one.
    case noFinalResponse
    /// The connection ended inside the head.
    case truncatedHead
    /// The connection ended before the body did.
    case incompleteBody

    /// A sentence for users.
    package var sentence: String {
        switch self {
        case .badStatusLine: "The response does not begin with an HTTP/1 status line."
        case .headTooLarge: "The response's head is larger than allowed."
        case .tooManyFields: "The response has more header fields than allowed."
        case .obsoleteFolding: "A header field is folded over several lines."
        case .spaceBeforeColon: "A blank stands between a header field's name and its colon."
        case .missingColon: "A header line has no colon."
        case .badFieldName: "A header field's name is empty or has a forbidden character."
        case .controlCharacter: "The response's head has a control character."
        case .bareCarriageReturn: "A line of the response has CR without LF."
        case .bareLineFeed: "A line of the response ends in LF without CR."
        case .badContentLength: "Content-Length is not a number."
        case .conflictingContentLength: "The response has Content-Length values that differ."
        case .badTransferCoding: "The transfer coding chunked has parameters."
        case .badChunkSize: "A chunk's size is not a hexadecimal number of at most 2^53."
        case .badChunkEnd: "A chunk is longer than its size says."
        case .chunkExtensionTooLarge: "Chunk extensions are larger than allowed."
        case .tooManyInformational: "Too many 1xx responses came before the final one."
        case .noResponse: "The connection ended before a response."
        case .noFinalResponse: "The connection ended after a 1xx response, before the final one."
        case .truncatedHead: "The connection ended inside the response's head."
        case .incompleteBody: "The connection ended before the response's body did."
        }
    }
}
