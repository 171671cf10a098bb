import AgentCore
import PlainDocuments
import PoolModel
import Wording

/// A row about one target.
typealias TargetRow = OptionRow<TargetDraft, TargetPlan>

/// The keys of one entry of `targets:`, which may also be a URL alone.
enum TargetRows {
    static let all: [TargetRow] = [
        .value("name", \.name, TargetNameText.parse, shown: { .word($0.name) }),
        .key("url", shown: { .url($0.url) }) { node, draft throws(CommandLineError) in
            draft.url = try node.read(HiddenText.url)
        },
        .value("weight", \.weight, weight, printedAfter: "method", shown: { .number($0.weight) }),
        // A plan has the rates as weights.
        .value("rate", \.rate, rate, shown: { _ in nil }),
        request(RequestRows.method), request(RequestRows.headers), request(RequestRows.body),
        request(RequestRows.bodyFile), request(RequestRows.bodyBase64),
        // Documents have it with the other settings.
        .key("timeout") { node, draft throws(CommandLineError) in
            try ConfigFile.put(.requestTimeout, node, into: &draft.overrides)
        },
        request(RequestRows.unixSocket),
        .key("agent", shown: { $0.overrides.isEmpty ? nil : .settings($0.overrides) }) {
            node, draft throws(CommandLineError) in
            try ConfigFile.readAgent(node, into: &draft.overrides, isForTarget: true)
        },
    ]

    /// A key that says something about the target's requests.
    private static func request(_ row: RequestRow) -> TargetRow {
        .key(row.key, shown: row.shown) { node, draft throws(CommandLineError) in try row.read(node, &draft.request) }
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
}

/// Reads one entry of `targets:` — a URL alone, or a mapping.
enum ConfigTarget {
    static func draft(_ node: ConfigNode) throws(CommandLineError) -> TargetDraft {
        if node.node.scalar != nil { return TargetDraft(url: try node.read(HiddenText.url)) }
        // The other keys of a target without a url are read too, for their faults; no plan is made of it.
        var draft = TargetDraft(
            url: Sourced(TargetURL(isTLS: false, host: "", port: 80, path: "/"), from: node.source))
        if let entries = node.node.mapping, !entries.contains(where: { $0.key == "url" }) {
            node.note(node.source.error("has no url"))
        }
        try node.read(TargetRows.all, into: &draft)
        return draft
    }
}
