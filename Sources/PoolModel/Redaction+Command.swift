extension Redaction {
    /// A command line as it may be shown.
    ///
    /// Values of options and variables whose names suggest a credential are hidden, as are userinfo and parameters of URLs,
    /// the word after such an option, and words that look random. A command line has no list of harmless names as header
    /// fields have one, so a secret under a harmless name that looks like a word stays: `ps` shows it to every user, too.
    package static func command(_ line: String) -> String {
        var shown: [String] = []
        var hidesNext = false
        for word in line.split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
            let isScheme = schemes.contains(word.lowercased())
            // After `--flag` another option begins: it had no value. `Authorization: Bearer X` has one more word.
            if hidesNext, !word.isEmpty, !isScheme, !word.hasPrefix("-") {
                shown.append(hiddenPart)
                hidesNext = false
                continue
            }
            shown.append(commandWord(word))
            if word.isEmpty { continue }
            hidesNext = isScheme || opensSecret(word)
        }
        return shown.joined(separator: " ")
    }

    private static let schemes: Set<String> = ["bearer", "basic"]

    /// Parts of names of credentials; what they hide by mistake, as of `--author`, nobody misses.
    private static let secretParts = [
        "pass", "pwd", "secret", "token", "key", "auth", "cred", "cookie", "session", "signature", "sasl",
    ]

    /// The next word is the credential: `--password X`, `Authorization: X`, `curl -u name:X`.
    private static func opensSecret(_ word: String) -> Bool {
        if word == "-u" || word == "--user" { return true }
        let isOption = word.hasPrefix("-") || word.hasSuffix(":")
        return isOption && !word.contains("=") && isSecretName(word[...])
    }

    private static func isSecretName(_ name: Substring) -> Bool {
        let lower = name.lowercased()
        return secretParts.contains { lower.contains($0) }
    }

    private static func commandWord(_ word: String) -> String {
        if word.contains("://") { return url(word) }
        var shown = ""
        var part = word[word.startIndex..<word.startIndex]
        var start = word.startIndex
        for index in word.indices where ",;&".contains(word[index]) {
            part = word[start..<index]
            shown += assignment(part)
            shown.append(word[index])
            start = word.index(after: index)
        }
        return shown + assignment(word[start...])
    }

    /// `password=X`, `-Dkey.password=X`, `"token":"X"`.
    private static func assignment(_ part: Substring) -> String {
        guard let sign = part.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
            return isRandom(part) ? hiddenPart : String(part)
        }
        let value = part[sign...].dropFirst()
        guard !value.isEmpty, isSecretName(part[..<sign]) || isRandom(value) else { return String(part) }
        return part[...sign] + hiddenPart
    }

    /// Twenty letters and digits in a row, mixed, are no word of any language.
    private static func isRandom(_ word: Substring) -> Bool {
        var (letters, digits) = (0, 0)
        for byte in word.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                letters += 1
            case UInt8(ascii: "+"): break
            default: (letters, digits) = (0, 0)
            }
            if letters >= 3, digits >= 3, letters + digits >= 20 { return true }
        }
        return false
    }
}

extension SourceSnapshot {
    package mutating func hideSecrets() {
        name = Redaction.command(name)
        for index in notes.indices { notes[index].subject = notes[index].subject.map(Redaction.command) }
        for index in processes?.indices ?? 0..<0 {
            if let command = processes?[index].command { processes?[index].command = Redaction.command(command) }
        }
    }
}
