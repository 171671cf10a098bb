import AgentCore
import Foundation
import PlainDocuments
import PoolModel
import Yams

/// Reads one entry of `targets:` — a URL alone, or a mapping.
enum ConfigTarget {
    private static let keys = [
        "name", "url", "weight", "rate", "method", "headers", "body", "bodyFile", "bodyBase64", "timeout",
        "unixSocket", "agent",
    ]

    static func draft(_ node: ConfigNode) throws(CommandLineError) -> TargetDraft {
        if node.node.scalar != nil { return TargetDraft(url: try node.read(url)) }
        let fields = try node.fields(keys)
        guard let url = fields.first(where: { $0.key == "url" }) else { throw node.source.error("has no url") }
        var draft = TargetDraft(url: try url.value.read(Self.url))
        for (key, value) in fields {
            switch key {
            case "url": break
            case "name": draft.name = try value.read(TargetNameText.parse)
            case "weight": draft.weight = try value.read(weight)
            case "rate": draft.rate = try value.read(rate)
            case "method": draft.request.method = try value.read(RequestText.parseMethod)
            case "headers": draft.request.headers = try headers(value)
            case "body", "bodyFile", "bodyBase64":
                let body = try body(value, key: key)
                if let other = draft.request.body { throw body.source.error("contradicts \(other.source.name)") }
                draft.request.body = body
            case "timeout": try ConfigFile.put(.requestTimeout, value, into: &draft.overrides)
            case "unixSocket": draft.request.unixSocket = try value.read(UnixSocketText.parse)
            case "agent": try ConfigFile.readAgent(value, into: &draft.overrides, isForTarget: true)
            default: preconditionFailure("key \(key) is listed and not read")
            }
        }
        return draft
    }

    /// What `--print-config` has hidden is nothing to send.
    private static func url(_ text: String) throws(TextProblem) -> TargetURL {
        let url = try URLText.parse(text)
        if url.path.contains("=\(Redaction.hiddenPart)") { throw hidden }
        return url
    }

    private static let hidden = TextProblem("was hidden when this file was printed; print it with --show-secrets")

    private static func parseHeader(_ text: String) throws(TextProblem) -> HeaderField {
        try notHidden(try RequestText.parseHeader(text))
    }

    private static func notHidden(_ field: HeaderField) throws(TextProblem) -> HeaderField {
        if field.value == Redaction.hidden { throw hidden }
        return field
    }

    private static func weight(_ text: String) throws(TextProblem) -> Double {
        var rest = text[...]
        guard let number = DecimalText.take(from: &rest), rest.isEmpty, number.asDouble > 0, number.asDouble <= 1e9
        else { throw TextProblem("'\(text)' is not a weight", allowed: "a number above zero") }
        return number.asDouble
    }

    private static func rate(_ text: String) throws(TextProblem) -> Double {
        let rate = try RateText.parse(text)
        guard rate > 0 else { throw TextProblem("must be above zero", allowed: RateText.examples) }
        return rate
    }

    /// A list of 'Name: value', or a mapping of names to a value or several.
    private static func headers(_ node: ConfigNode) throws(CommandLineError) -> [Sourced<HeaderField>] {
        guard let mapping = node.node.mapping else {
            var fields: [Sourced<HeaderField>] = []
            for item in node.items() { fields.append(try item.read(parseHeader)) }
            return fields
        }
        var fields: [Sourced<HeaderField>] = []
        for (key, value) in try node.fields(mapping.keys.compactMap(\.scalar?.string)) {
            for item in value.items() {
                fields.append(
                    try item.read { text throws(TextProblem) in
                        try notHidden(try RequestText.header(name: key, value: text))
                    })
            }
        }
        return fields
    }

    private static func body(_ node: ConfigNode, key: String) throws(CommandLineError) -> Sourced<[UInt8]> {
        try node.read { text throws(TextProblem) in
            switch key {
            case "bodyFile": return try FileText.bytes(of: node.filePath(text))
            case "bodyBase64":
                guard let data = Data(base64Encoded: text) else { throw TextProblem("is not base64") }
                return Array(data)
            default:
                if text == Redaction.hidden { throw hidden }
                return Array(text.utf8)
            }
        }
    }
}
