import AgentCore

/// Makes a plan of a draft: fills in the defaults and refuses what contradicts itself.
package struct PlanAssembly {
    package var draft: PlanDraft
    /// Measured time where the draft sets no end; nil: until stopped.
    package var defaultDuration: Duration?

    /// - Throws: the first fault of the command line, or all faults of the config file.
    package func plan(randomSeed: UInt64) throws(CommandLineError) -> SessionPlan {
        var faults = draft.faults
        checkCounts(noting: &faults)
        var plan = SessionPlan(seed: draft.seed?.value ?? randomSeed)
        plan.settings = settings(noting: &faults)
        plan.targets = targets(noting: &faults)
        plan.bundled = bundled
        checkLoad(noting: &faults)
        plan.load = load()
        plan.loops = draft.loops?.value ?? 1
        plan.share = draft.share?.value
        plan.dns = DNSPlan(server: draft.dnsServer?.value, overrides: draft.resolve.map(\.value))
        plan.tls = tls(noting: &faults)
        plan.changes = draft.changes.map(\.value)
        plan.checks = draft.checks.map(\.value)
        plan.screen = ScreenPlan(draft)
        checkBundled(noting: &faults)
        checkResolve(in: plan, noting: &faults)
        checkLoops(in: plan, noting: &faults)
        checkChanges(in: plan, noting: &faults)
        checkShare(in: plan, noting: &faults)
        checkHosts(in: plan, noting: &faults)
        try faults.throwIfAny()
        return plan
    }

    var bundled: BundledFleet { draft.sick?.value == true ? .sick : .healthy }

    private func checkCounts(noting faults: inout ConfigFaults) {
        for (key, places, most, noun) in [
            ("targets", draft.targets.map(\.url.source), PlanLimits.targets, "targets"),
            ("load.at", draft.changes.map(\.source), PlanLimits.changes, "changes"),
            ("checks", draft.checks.map(\.source), PlanLimits.checks, "checks"),
            ("dns.resolve", draft.resolve.map(\.source), PlanLimits.resolve, "entries"),
        ] {
            faults.attempt(key) { () throws(CommandLineError) in try PlanLimits.check(places, most, noun) }
        }
    }

    private func settings(noting faults: inout ConfigFaults) -> AgentSettings {
        var settings = AgentSetting.defaults
        for (setting, entry) in draft.agent { setting.set(entry.value, in: &settings) }
        guard settings.dnsMinTTL > settings.dnsMaxTTL,
            let place = draft.agent[.dnsMinTTL]?.source ?? draft.agent[.dnsMaxTTL]?.source
        else { return settings }
        let limits = ["agent.dnsMinTTL", "agent.dnsMaxTTL", "dns.minTTL", "dns.maxTTL"]
        faults.attempt("dns", restingOn: limits) { () throws(CommandLineError) in
            throw place.error(
                "dnsMinTTL \(DurationText.format(settings.dnsMinTTL)) is above"
                    + " dnsMaxTTL \(DurationText.format(settings.dnsMaxTTL))")
        }
        return settings
    }

    private func tls(noting faults: inout ConfigFaults) -> TLSPlan {
        let insecure = draft.insecure?.value ?? false
        let pair = ["tls.certFile", "tls.keyFile"]
        if let certificate = draft.certFile, draft.keyFile == nil {
            faults.attempt("tls.certFile", restingOn: pair) { () throws(CommandLineError) in
                throw certificate.source.error("a certificate needs its private key too (--key)")
            }
        }
        if let key = draft.keyFile, draft.certFile == nil {
            faults.attempt("tls.keyFile", restingOn: pair) { () throws(CommandLineError) in
                throw key.source.error("a private key needs its certificate too (--cert)")
            }
        }
        if insecure, let authority = draft.caFile {
            faults.attempt("tls.caFile") { () throws(CommandLineError) in
                throw authority.source.error("has no effect where no certificate is verified (--insecure)")
            }
        }
        for case let file? in [draft.caFile, draft.certFile, draft.keyFile] {
            faults.attempt("tls") { () throws(CommandLineError) in
                if let reason = FileText.whyUnreadable(file.value) {
                    throw file.source.error("cannot read '\(file.value)': \(reason)")
                }
            }
        }
        return TLSPlan(
            caFile: draft.caFile?.value, certFile: draft.certFile?.value, keyFile: draft.keyFile?.value,
            insecure: insecure, least: draft.tlsLeast?.value ?? .v1_2)
    }

    /// The bundled downstreams have requests, names and certificates of their own.
    private func checkBundled(noting faults: inout ConfigFaults) {
        guard draft.targets.isEmpty else {
            guard let sick = draft.sick, sick.value else { return }
            faults.attempt("targets") { () throws(CommandLineError) in
                throw sick.source.error("is for the bundled downstreams, and there are targets")
            }
            return
        }
        let needTarget = [
            draft.request.source, draft.dnsServer?.source, draft.caFile?.source, draft.certFile?.source,
        ]
        for case let source? in needTarget {
            faults.attempt("targets", restingOn: ["targets"]) { () throws(CommandLineError) in
                throw source.error("needs a target; the bundled downstreams bring their own")
            }
        }
    }

    /// An address for a host that nothing is sent to is a slip of the pen. In a file it may be for other targets.
    private func checkResolve(in plan: SessionPlan, noting faults: inout ConfigFaults) {
        for entry in draft.resolve {
            guard case .option = entry.source else { continue }
            let fits =
                plan.targets.isEmpty
                // Their ports are known only once they are there.
                ? entry.value.port == nil
                    && plan.bundled.hostNames.contains { entry.value.matches(host: $0, port: 0) }
                : plan.targets.contains { entry.value.matches(host: $0.url.host, port: $0.url.port) }
            guard !fits else { continue }
            faults.attempt("dns.resolve", restingOn: ["targets"]) { () throws(CommandLineError) in
                throw entry.source.error("'\(ResolveText.format(entry.value))' fits no target")
            }
        }
    }

    /// Every loop has at least one of what is shared and without which it could send nothing.
    private func checkLoops(in plan: SessionPlan, noting faults: inout ConfigFaults) {
        let loops = draft.loops?.value ?? 1
        let shared = [AgentSetting.maxSockets, .maxTotalSockets]
        func check(_ setting: AgentSetting, _ value: SettingValue, _ source: Source?) throws(CommandLineError) {
            guard shared.contains(setting), case .count(let limit?) = value, limit < loops, let source else { return }
            throw source.error("\(loops) loops cannot share \(setting.name) \(limit)")
        }
        for setting in shared {
            let keys = [setting.name, setting.alias].compactMap { $0 }.map { "agent.\($0)" }
            faults.attempt("load.loops", restingOn: keys) { () throws(CommandLineError) in
                try check(setting, setting.value(in: plan.settings), draft.loops?.source)
            }
        }
        for (setting, entry) in draft.targets.flatMap(\.overrides) {
            faults.attempt("targets") { () throws(CommandLineError) in try check(setting, entry.value, entry.source) }
        }
        for entry in draft.changes {
            faults.attempt("load.at") { () throws(CommandLineError) in
                switch entry.value.change {
                case .set(let setting, let value): try check(setting, value, entry.source)
                case .concurrency(let count):
                    if count < loops { throw entry.source.error("\(loops) loops cannot share concurrency \(count)") }
                case .toggleKeepAlive, .toggleDNSCache, .rate: break
                }
            }
        }
    }

    private func checkChanges(in plan: SessionPlan, noting faults: inout ConfigFaults) {
        let shape = ["rate", "concurrency", "plan", "duration", "warmUp"].map { "load.\($0)" }
        for entry in draft.changes {
            faults.attempt("load.at", restingOn: shape) { () throws(CommandLineError) in
                try check(entry, in: plan)
            }
        }
    }

    private func check(_ entry: Sourced<TimedChange>, in plan: SessionPlan) throws(CommandLineError) {
        switch (entry.value.change, plan.load.shape) {
        case (.rate, .concurrency):
            throw entry.source.error("rate is for an open loop, and --concurrency makes a closed one")
        case (.concurrency, .rate), (.concurrency, .steps):
            throw entry.source.error("concurrency is for a closed loop; start one with --concurrency")
        case (.rate, .steps): throw entry.source.error("the plan sets the rate")
        case (.rate, .rate), (.concurrency, .concurrency), (.set, _), (.toggleKeepAlive, _), (.toggleDNSCache, _):
            break
        }
        let time =
            switch entry.value.when {
            case .at(let time), .every(let time): time
            }
        if let end = plan.load.totalDuration, time >= end {
            throw entry.source.error(
                "\(DurationText.format(time)) is not before the end of the run at \(DurationText.format(end))")
        }
    }

    /// Every setting for a single host must name an existing one.
    private func checkHosts(in plan: SessionPlan, noting faults: inout ConfigFaults) {
        let named = draft.changes.map { ($0.value.host, $0.source) } + draft.checks.map { ($0.value.host, $0.source) }
        let known = Set(plan.targets.flatMap { [$0.name, $0.url.authority, $0.url.origin] })
        for case (let host?, let source) in named where !known.contains(host) {
            faults.attempt("checks", restingOn: ["targets"]) { () throws(CommandLineError) in
                try Self.checkHost(host, source, in: plan)
            }
        }
    }

    package static func checkHost(_ host: String, _ source: Source, in plan: SessionPlan) throws(CommandLineError) {
        if plan.targets.isEmpty {
            // A bundled downstream's port is known only once it is there, so a name is all that can be asked for.
            let names = plan.bundled.names
            guard !names.contains(host) else { return }
            throw source.error(NearestName.problem(kind: "host", name: host, among: names))
        }
        guard !plan.targets.contains(where: { $0.isNamed(host) }) else { return }
        throw source.error(NearestName.problem(kind: "host", name: host, among: plan.targets.map(\.name)))
    }

    package init(draft: PlanDraft, defaultDuration: Duration? = nil) {
        self.draft = draft
        self.defaultDuration = defaultDuration
    }
}
