package import PlainDocuments

/// The texts of `--method` and `--header`.
package enum RequestText {
    package static func parseMethod(_ text: String) throws(TextProblem) -> String {
        guard isToken(text), text.utf8.count <= 64 else {
            throw TextProblem("'\(text)' is not a method", allowed: "GET, HEAD, POST, PUT, …")
        }
        guard text.uppercased() != "CONNECT" else {
            throw TextProblem("CONNECT makes a tunnel of the connection, so no pool can keep it")
        }
        return text
    }

    /// `Name: value`.
    package static func parseHeader(_ text: String) throws(TextProblem) -> HeaderField {
        guard let colon = text.firstIndex(of: ":") else {
            // A line without a colon may be a value, so it is not repeated.
            throw TextProblem("has no colon after the name of a header", allowed: "'Name: value'")
        }
        let value = text[colon...].dropFirst().drop { $0 == " " || $0 == "\t" }
        return try header(name: String(text[..<colon]), value: String(value))
    }

    package static func header(name: String, value: String) throws(TextProblem) -> HeaderField {
        guard isToken(name) else {
            throw TextProblem("the name of a header has a blank or a sign that none has", allowed: "'Name: value'")
        }
        guard value.unicodeScalars.allSatisfy({ $0.value == 9 || ($0.value >= 32 && $0.value != 127) }) else {
            throw TextProblem("the value of '\(name)' has a control character")
        }
        switch name.lowercased() {
        case "connection", "keep-alive", "proxy-connection":
            throw TextProblem("'\(name)' is the agent's own; use --keep-alive")
        case "content-length", "transfer-encoding", "trailer", "te", "upgrade", "expect":
            throw TextProblem("'\(name)' frames the message and is the agent's own")
        default: return HeaderField(name: name, value: value)
        }
    }

    /// RFC 9110 §5.6.2.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9": true
                default: "!#$%&'*+-.^_`|~".unicodeScalars.contains(scalar)
                }
            }
    }
}

/// Names of targets.
package enum TargetNameText {
    /// Anything that can stand after `@` in a check and in `--at`.
    package static func parse(_ text: String) throws(TextProblem) -> String {
        let forbidden = text.unicodeScalars.contains { scalar in
            scalar.properties.isWhitespace || scalar.value < 32 || "@<>=!\"".unicodeScalars.contains(scalar)
        }
        guard !text.isEmpty, !forbidden, text.count <= 64 else {
            throw TextProblem(
                "'\(text)' is not a name",
                allowed: "up to 64 letters, digits and signs but no blank and none of @<>=!\"")
        }
        return text
    }
}

/// Paths of unix sockets.
package enum UnixSocketText {
    /// `sockaddr_un` has room for 107 bytes and a zero.
    package static func parse(_ text: String) throws(TextProblem) -> String {
        guard (1...107).contains(text.utf8.count), !text.utf8.contains(0) else {
            throw TextProblem("'\(text)' is not a socket path", allowed: "1 to 107 bytes")
        }
        return text
    }
}
