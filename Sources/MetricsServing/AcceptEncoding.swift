/// Negotiation of the coding of a body (RFC 9110 §12.5.3).
enum AcceptEncoding {
    /// The longest value that is read; a client with a longer one gets the text as it is.
    private static let maxBytes = 4096

    /// True if a client takes gzip. One that says nothing gets the text as it is, which everything reads.
    static func takesGzip(_ value: String) -> Bool {
        guard value.utf8.count <= maxBytes else { return false }
        var ofAll = false
        for element in value.lowercased().split(separator: ",") {
            let parts = element.filter { $0 != " " && $0 != "\t" }.split(separator: ";")
            let isWanted = parts.dropFirst().allSatisfy { part in
                // A weight that cannot be read means that the coding is not wanted.
                !part.hasPrefix("q=") || Double(part.dropFirst(2)).map { $0 > 0 && $0 <= 1 } == true
            }
            switch parts.first {
            case "gzip", "x-gzip": return isWanted
            case "*": ofAll = isWanted
            case _: continue
            }
        }
        return ofAll
    }
}
