import AgentCore
import FoundationEssentials
package import PlainDocuments
import PoolModel

/// The effective settings as a document, in two notations of one schema.
package struct PlanDocument {
    enum Notation {
        /// As a config file has it: durations with units, `on` and `off`. It can be read back.
        case config
        /// As JSON reports have it: durations in seconds, true and false; bodies left out.
        case report
    }
    package var plan: SessionPlan
    var notation: Notation
    /// True: header values, bodies and the values in URLs are shown as they are.
    package var showsSecrets = false

    /// `--print-config`: a config file that `ConfigFile` reads back to the same plan, where nothing in it is hidden. Where
    /// something is, it says so, and `ConfigFile` refuses the stand-ins.
    package static func configText(for plan: SessionPlan, showsSecrets: Bool) -> String {
        let complete = PlanDocument(plan: plan, notation: .config, showsSecrets: true).tree
        guard !showsSecrets else { return YAMLText.text(complete) }
        let shown = PlanDocument(plan: plan, notation: .config).tree
        return (shown == complete ? "" : hiddenNote) + YAMLText.text(shown)
    }

    private static let hiddenNote = """
        # Some header values, bodies or values in URLs are not shown. --show-secrets prints them, and with them a file
        # that can be used.

        """

    /// `settings` of the JSON reports.
    package static func settings(of plan: SessionPlan) -> JSONValue { PlanDocument(plan: plan, notation: .report).tree }

    package var tree: JSONValue {
        var members: [JSONValue.Member] = [
            .init(key: "agent", value: settings(AgentSetting.allCases, of: plan.settings))
        ]
        if !plan.targets.isEmpty {
            members.append(.init(key: "targets", value: .array(plan.targets.map(target))))
        } else if notation == .report {
            members.append(.init(key: "targets", value: .array([])))
        } else {
            members += self.members([SessionRows.sick], of: plan)
        }
        members.append(.init(key: "load", value: section(SessionRows.load)))
        for (key, rows) in [("dns", SessionRows.dns), ("tls", SessionRows.tls)] {
            let values = self.members(rows, of: plan)
            if !values.isEmpty { members.append(.init(key: key, value: .object(values))) }
        }
        if notation == .config {
            members += self.members([SessionRows.checks], of: plan)
            members.append(.init(key: "ui", value: section(SessionRows.screen)))
        }
        return .object(members)
    }

    private func settings(_ names: [AgentSetting], of settings: AgentSettings) -> JSONValue {
        .object(names.map { .init(key: $0.name, value: value($0.value(in: settings))) })
    }

    private func value(_ value: SettingValue) -> JSONValue {
        guard notation == .report else { return .string(value.text) }
        switch value {
        case .keepAlive(let policy): return .string(KeepAliveText.format(policy))
        case .scheduling(let order): return .string(order.rawValue)
        case .flag(let isOn): return .bool(isOn)
        case .count(let count): return .integer(count)
        case .duration(let duration): return .number(duration?.asSeconds)
        case .share(let share): return .number(share)
        }
    }

    private func target(_ target: TargetPlan) -> JSONValue { .object(members(TargetRows.all, of: target)) }

    private func section(_ rows: [SessionRow]) -> JSONValue { .object(members(rows, of: plan)) }

    private func members<Draft, Plan>(_ rows: [OptionRow<Draft, Plan>], of plan: Plan) -> [JSONValue.Member] {
        var keys = rows.filter { $0.printedAfter == nil }
        for row in rows {
            guard let place = keys.firstIndex(where: { $0.key == row.printedAfter }) else { continue }
            keys.insert(row, at: place + 1)
        }
        return keys.compactMap { row in row.shown(plan).flatMap { member(row.key, $0) } }
    }

    /// nil: the notation does without.
    private func member(_ key: String, _ value: ShownValue) -> JSONValue.Member? {
        switch (value, notation) {
        case (.body(let bytes), .report): return .init(key: "bodyBytes", value: .integer(bytes.count))
        case (.body(let bytes), .config): return bytes.isEmpty ? nil : body(bytes)
        case (.forReports(let value), .report): return member(key, value)
        case (.forReports, .config): return nil
        case (.list(let items), .config) where items.isEmpty: return nil
        case (_, .report), (_, .config):
            let json = json(value)
            return json == .null && notation == .config ? nil : .init(key: key, value: json)
        }
    }

    private func json(_ value: ShownValue) -> JSONValue {
        switch value {
        case .word(let text): .string(text)
        case .flag(let isOn): self.value(.flag(isOn))
        case .count(let count): .integer(count)
        case .number(let number): .number(number)
        case .seed(let seed): .unsigned(seed)
        case .duration(let duration): duration.map { self.value(.duration($0)) } ?? .null
        case .rate(let perSecond):
            notation == .report ? .number(perSecond) : .string(RateText.format(perSecond))
        case .list(let items): .array(items.map { .string($0) })
        case .path(let path): .string(self.path(path))
        case .url(let url): .string(showsSecrets ? url.text : url.shown)
        case .headers(let fields): .array(fields.map { .string("\($0.name): \(shown($0))") })
        case .settings(let overrides):
            .object(overrides.entries.map { .init(key: $0.setting.name, value: self.value($0.value)) })
        case .body(let bytes): .integer(bytes.count)
        case .forReports(let value): json(value)
        }
    }

    private func body(_ bytes: [UInt8]) -> JSONValue.Member {
        guard showsSecrets else { return .init(key: "body", value: .string(Redaction.hidden)) }
        if let text = String(validating: bytes, as: UTF8.self),
            !text.unicodeScalars.contains(where: YAMLText.isForbidden)
        {
            return .init(key: "body", value: .string(text))
        }
        return .init(key: "bodyBase64", value: .string(Data(bytes).base64EncodedString()))
    }

    private func shown(_ header: HeaderField) -> String {
        showsSecrets ? header.value : Redaction.fieldValue(header.name, header.value)
    }

    /// A config file means its paths from its own folder, a command line from the current one.
    private func path(_ path: String?) -> String? {
        guard notation == .config, let path, !path.hasPrefix("/") else { return path }
        return FileManager.default.currentDirectoryPath + "/" + path
    }
}

extension LoadPlan {
    package var hasSteps: Bool {
        if case .steps = shape { true } else { false }
    }
}
