import PlainDocuments
import PoolModel

/// Refuses the stand-ins that `--print-config` has for secrets: they are nothing to send.
enum HiddenText {
    private static let problem = TextProblem("was hidden when this file was printed; print it with --show-secrets")

    static func refuse(_ text: String) throws(TextProblem) -> String {
        if text == Redaction.hidden { throw problem }
        return text
    }

    static func url(_ text: String) throws(TextProblem) -> TargetURL {
        let url = try URLText.parse(text)
        if url.path.contains("=\(Redaction.hiddenPart)") { throw problem }
        return url
    }

    /// A list of 'Name: value', or a mapping of names to a value or several.
    static func headers(_ node: ConfigNode) throws(CommandLineError) -> [Sourced<HeaderField>] {
        var fields: [Sourced<HeaderField>] = []
        guard let mapping = node.node.mapping else {
            for item in node.items() {
                item.attempt { () throws(CommandLineError) in
                    fields.append(
                        try item.read { text throws(TextProblem) in try refuse(try RequestText.parseHeader(text)) })
                }
            }
            return fields
        }
        for (key, value) in try node.fields(mapping.map(\.key)) {
            for item in value.items() {
                item.attempt { () throws(CommandLineError) in
                    fields.append(
                        try item.read { text throws(TextProblem) in
                            try refuse(try RequestText.header(name: key, value: text))
                        })
                }
            }
        }
        return fields
    }

    private static func refuse(_ field: HeaderField) throws(TextProblem) -> HeaderField {
        if field.value == Redaction.hidden { throw problem }
        return field
    }
}
