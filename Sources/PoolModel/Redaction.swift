/// The one place that decides which parts of a request or response may be shown in recordings, JSON, printed settings,
/// pages, saved screens, texts, notices and errors.
///
/// A header field's value is shown only if its name is on an allow list of fields that carry no credentials; no list of
/// secret names would ever be complete. In URLs the names of query parameters are shown, but their values, userinfo,
/// path parameters (`;name=value`) and fragments are hidden. Paths are shown, because a service that puts a secret into
/// its path exposes it in every log along the way. Bodies are never shown.
///
/// All functions are idempotent: hidden text stays as it is.
package enum Redaction {
    /// Replaces a header field's value or a body.
    package static let hidden = "(not shown)"
    /// Replaces a part of a URL; its characters need no escaping there.
    package static let hiddenPart = "***"

    /// Fields, in lower case, with values that describe a message or its sender and carry no credentials.
    package static let shownFields: Set<String> = [
        "accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "age", "allow", "alt-svc",
        "cache-control", "connection", "content-encoding", "content-language", "content-length", "content-range",
        "content-type", "date", "dnt", "expect", "expires", "host", "if-modified-since", "if-unmodified-since",
        "keep-alive", "last-modified", "max-forwards", "pragma", "priority", "proxy-connection", "range", "retry-after",
        "server", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "vary", "via",
    ]

    /// A header field's value as it may be shown.
    package static func fieldValue(_ name: String, _ value: String) -> String {
        shownFields.contains(name.lowercased()) ? text(value) : hidden
    }

    /// `Name: value` as it may be shown. Without a colon everything is hidden, because the name cannot be told from the
    /// value.
    package static func fieldLine(_ line: String) -> String {
        guard let colon = line.firstIndex(of: ":") else { return hidden }
        let name = String(line[..<colon])
        let value = line[colon...].dropFirst().drop { $0 == " " || $0 == "\t" }
        return "\(name): \(fieldValue(name, String(value)))"
    }

    // MARK: URLs

    /// A URL, with or without its scheme, as it may be shown.
    package static func url(_ url: String) -> String {
        guard url.utf8.contains(where: { urlSigns.contains($0) }) else { return url }
        var rest = url[...]
        var shown = ""
        if let scheme = rest.firstRange(of: "://") {
            shown = String(rest[..<scheme.upperBound])
            rest = rest[scheme.upperBound...]
        }
        if let at = userinfoEnd(in: rest) {
            shown += "\(hiddenPart)@"
            rest = rest[at...].dropFirst()
        }
        let fragment = rest.firstIndex(of: "#") ?? rest.endIndex
        let query = rest[..<fragment].firstIndex(of: "?") ?? fragment
        shown += path(rest[..<query])
        if query < fragment { shown += "?" + parameters(rest[query..<fragment].dropFirst()) }
        let isCut = fragment < rest.endIndex && rest.index(after: fragment) < rest.endIndex
        return shown + (isCut ? "#\(hiddenPart)" : String(rest[fragment...]))
    }

    /// A URL without any of these characters has nothing to hide.
    private static let urlSigns = Array("?@;#".utf8)

    /// The `@` that ends the userinfo. A password that was not percent-encoded may contain characters that end an
    /// authority; in that case the text after the colon is not a port.
    private static func userinfoEnd(in text: Substring) -> Substring.Index? {
        let authority = text.prefix { !"/?#".contains($0) }
        if let at = authority.lastIndex(of: "@") { return at }
        guard !authority.hasPrefix("["), let colon = authority.firstIndex(of: ":"),
            !authority[colon...].dropFirst().allSatisfy({ $0.isASCII && $0.isNumber })
        else { return nil }
        return text.lastIndex(of: "@")
    }

    /// Removes the values of path parameters (`/a;sid=1/b`).
    private static func path(_ path: Substring) -> String {
        guard path.utf8.contains(UInt8(ascii: ";")) else { return String(path) }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard let semicolon = segment.firstIndex(of: ";") else { return String(segment) }
            return segment[...semicolon] + parameters(segment[semicolon...].dropFirst())
        }
        return segments.joined(separator: "/")
    }

    /// `a=1&b` becomes `a=***&***`, because a single word may be a value as well as a name.
    private static func parameters(_ text: Substring) -> String {
        var shown = ""
        var parameter = text[text.startIndex..<text.startIndex]
        func part() -> String {
            guard let equals = parameter.firstIndex(of: "=") else { return parameter.isEmpty ? "" : hiddenPart }
            let value = parameter[equals...].dropFirst()
            return parameter[...equals] + (value.isEmpty ? "" : hiddenPart)
        }
        var start = text.startIndex
        for index in text.indices where text[index] == "&" || text[index] == ";" {
            parameter = text[start..<index]
            shown += part()
            shown.append(text[index])
            start = text.index(after: index)
        }
        parameter = text[start...]
        return shown + part()
    }

    // MARK: Sentences

    /// A sentence as it may be shown: its URLs are redacted, and the word after `Bearer` or `Basic` is hidden.
    package static func text(_ text: String) -> String {
        guard mayHoldSecret(text) else { return text }
        var shown = ""
        var word = ""
        var isCredential = false
        func end() {
            guard !word.isEmpty else { return }
            // An ellipsis already stands for a credential.
            shown += isCredential && word != "…" ? hiddenPart : wordShown(word)
            isCredential = ["bearer", "basic"].contains(word.lowercased())
            word = ""
        }
        for character in text {
            if character.isWhitespace || separators.contains(character) {
                end()
                shown.append(character)
            } else {
                word.append(character)
            }
        }
        end()
        return shown
    }

    private static let separators: Set<Character> = ["'", "\"", "`", "<", ">", "(", ")", ","]

    private static func wordShown(_ word: String) -> String {
        if word.firstRange(of: "://") != nil { return url(word) }
        guard let mark = word.firstIndex(of: "?"), word[mark...].contains("=") else { return word }
        return url(word)
    }

    /// A quick test that rules out nearly every sentence.
    private static func mayHoldSecret(_ text: String) -> Bool {
        if text.utf8.contains(where: { urlSigns.contains($0) }) { return true }
        let words = text.lowercased()
        return words.firstRange(of: "bearer") != nil || words.firstRange(of: "basic") != nil
    }
}

extension AgentSnapshot {
    /// The same snapshot with all secrets removed. Recordings made elsewhere need this as much as fresh snapshots do.
    package func withoutSecrets() -> AgentSnapshot {
        var copy = self
        for index in copy.events.indices { copy.events[index].mapTexts(Redaction.text) }
        for (index, target) in (load?.targets ?? []).enumerated() {
            let shown = Redaction.url(target.url)
            if shown != target.url { copy.load?.targets[index].url = shown }
        }
        for index in hosts.indices where hosts[index].head != nil { copy.hosts[index].head?.hideSecrets() }
        copy.source?.hideSecrets()
        return copy
    }
}

extension HeadSnapshot {
    fileprivate mutating func hideSecrets() {
        for index in fields.indices {
            fields[index].value = Redaction.fieldValue(fields[index].name, fields[index].value)
        }
    }
}
