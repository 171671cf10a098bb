import AgentCore
import Foundation
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
        }
        members.append(.init(key: "load", value: load))
        let sections = [
            ("dns", dns), ("tls", tls), ("checks", .array(plan.checks.map { .string($0.text) })), ("ui", screen),
        ]
        for (key, value) in sections where notation == .report ? key != "checks" && key != "ui" : !value.isEmpty {
            members.append(.init(key: key, value: value))
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

    private func duration(_ duration: Duration) -> JSONValue {
        notation == .report ? .number(duration.asSeconds) : .string(DurationText.format(duration))
    }

    private func flag(_ isOn: Bool) -> JSONValue { notation == .report ? .bool(isOn) : .string(isOn ? "on" : "off") }

    private func target(_ target: TargetPlan) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(key: "name", value: .string(target.name)),
            .init(key: "url", value: .string(showsSecrets ? target.url.text : target.url.shown)),
            .init(key: "method", value: .string(target.method)), .init(key: "weight", value: .number(target.weight)),
        ]
        if !target.headers.isEmpty {
            let texts = target.headers.map { "\($0.name): \(shown($0))" }
            members.append(.init(key: "headers", value: .array(texts.map { .string($0) })))
        }
        if notation == .report {
            members.append(.init(key: "bodyBytes", value: .integer(target.body.count)))
        } else if !target.body.isEmpty {
            members.append(body(target.body))
        }
        if let path = target.unixSocket { members.append(.init(key: "unixSocket", value: .string(path))) }
        if !target.overrides.isEmpty {
            let overrides = target.overrides.entries.map { ($0.setting.name, value($0.value)) }
            members.append(
                .init(key: "agent", value: .object(overrides.map { JSONValue.Member(key: $0.0, value: $0.1) })))
        }
        return .object(members)
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

    private var load: JSONValue {
        var members: [JSONValue.Member] = []
        func add(_ key: String, _ value: JSONValue) { members.append(.init(key: key, value: value)) }
        switch plan.load.shape {
        case .rate(let perSecond, let arrivals):
            add("rate", notation == .report ? .number(perSecond) : .string(RateText.format(perSecond)))
            add("arrivals", .string(arrivals.rawValue))
        case .steps(let steps, let arrivals):
            add("plan", .string(RatePlanText.format(steps)))
            add("arrivals", .string(arrivals.rawValue))
        case .concurrency(let count): add("concurrency", .integer(count))
        }
        if let length = plan.load.duration, notation == .report || !plan.load.hasSteps {
            add("duration", duration(length))
        } else if notation == .report {
            add("duration", .null)
        }
        if plan.load.requests != nil || notation == .report { add("requests", .integer(plan.load.requests)) }
        add("warmUp", duration(plan.load.warmUp))
        add("loops", .integer(plan.loops))
        add("seed", .unsigned(plan.seed))
        if !plan.changes.isEmpty || notation == .report {
            add("at", .array(plan.changes.map { .string($0.text) }))
        }
        return .object(members)
    }

    private var dns: JSONValue {
        var members: [JSONValue.Member] = []
        if plan.dns.server != nil || notation == .report {
            members.append(.init(key: "server", value: .string(plan.dns.server?.text)))
        }
        if !plan.dns.overrides.isEmpty || notation == .report {
            let texts = plan.dns.overrides.map(ResolveText.format)
            members.append(.init(key: "resolve", value: .array(texts.map { .string($0) })))
        }
        return .object(members)
    }

    private var tls: JSONValue {
        let files = [
            ("caFile", path(plan.tls.caFile)), ("certFile", path(plan.tls.certFile)),
            ("keyFile", path(plan.tls.keyFile)),
        ]
        var members = files.filter { $0.1 != nil || notation == .report }
            .map { JSONValue.Member(key: $0.0, value: .string($0.1)) }
        if plan.tls.insecure || notation == .report {
            members.append(.init(key: "insecure", value: flag(plan.tls.insecure)))
        }
        if plan.tls.least != .v1_2 || notation == .report {
            members.append(.init(key: "minVersion", value: .string(plan.tls.least.rawValue)))
        }
        return .object(members)
    }

    /// A config file means its paths from its own folder, a command line from the current one.
    private func path(_ path: String?) -> String? {
        guard notation == .config, let path, !path.hasPrefix("/") else { return path }
        return FileManager.default.currentDirectoryPath + "/" + path
    }

    private var screen: JSONValue {
        .object([
            "theme": .string(plan.screen.theme.rawValue), "ascii": flag(plan.screen.ascii),
            "color": flag(plan.screen.color),
        ])
    }
}

extension JSONValue {
    /// True for an object or a list with nothing in it.
    fileprivate var isEmpty: Bool {
        switch self {
        case .object(let members): members.isEmpty
        case .array(let items): items.isEmpty
        case .string, .integer, .unsigned, .number, .bool, .null: false
        }
    }
}

extension LoadPlan {
    package var hasSteps: Bool {
        if case .steps = shape { true } else { false }
    }
}
