import AgentCore

/// Makes a plan of a draft: fills in the defaults and refuses what contradicts itself.
struct PlanAssembly {
    var draft: PlanDraft
    /// Measured time where the draft sets no end; nil: until stopped.
    var defaultDuration: Duration?
    /// The names of the bundled downstreams, which `@host` may be one of when there are no targets.
    static let bundledNames = ["catalog", "search", "payments", "legacy", "ledger", "images", "flaky"]

    func plan(randomSeed: UInt64) throws(CommandLineError) -> SessionPlan {
        var plan = SessionPlan(seed: draft.seed?.value ?? randomSeed)
        plan.settings = try settings()
        plan.targets = try targets()
        plan.load = try load()
        plan.loops = draft.loops?.value ?? 1
        plan.dns = DNSPlan(server: draft.dnsServer?.value, overrides: draft.resolve.map(\.value))
        plan.tls = try tls()
        plan.changes = draft.changes.map(\.value)
        plan.checks = draft.checks.map(\.value)
        plan.screen = ScreenPlan(
            theme: draft.theme?.value ?? .auto, ascii: draft.ascii?.value ?? false, color: draft.color?.value ?? true)
        try checkBundled()
        try checkLoops(in: plan)
        try checkChanges(in: plan)
        try checkHosts(in: plan)
        return plan
    }

    private func settings() throws(CommandLineError) -> AgentSettings {
        var settings = AgentSettings()
        for (setting, entry) in draft.agent { setting.set(entry.value, in: &settings) }
        if settings.dnsMinTTL > settings.dnsMaxTTL {
            let place = draft.agent[.dnsMinTTL]?.source ?? draft.agent[.dnsMaxTTL]?.source
            let text =
                "dnsMinTTL \(DurationText.format(settings.dnsMinTTL)) is above"
                + " dnsMaxTTL \(DurationText.format(settings.dnsMaxTTL))"
            if let place { throw place.error(text) }
        }
        return settings
    }

    private func tls() throws(CommandLineError) -> TLSPlan {
        if let certificate = draft.certFile, draft.keyFile == nil {
            throw certificate.source.error("a certificate needs its private key too (--key)")
        }
        if let key = draft.keyFile, draft.certFile == nil {
            throw key.source.error("a private key needs its certificate too (--cert)")
        }
        let insecure = draft.insecure?.value ?? false
        if insecure, let authority = draft.caFile {
            throw authority.source.error("has no effect where no certificate is verified (--insecure)")
        }
        for file in [draft.caFile, draft.certFile, draft.keyFile] {
            guard let file else { continue }
            if let reason = FileText.whyUnreadable(file.value) {
                throw file.source.error("cannot read '\(file.value)': \(reason)")
            }
        }
        return TLSPlan(
            caFile: draft.caFile?.value, certFile: draft.certFile?.value, keyFile: draft.keyFile?.value,
            insecure: insecure)
    }

    /// The bundled downstreams have requests, names and certificates of their own.
    private func checkBundled() throws(CommandLineError) {
        guard draft.targets.isEmpty else { return }
        let needTarget = [
            draft.request.source, draft.dnsServer?.source, draft.caFile?.source, draft.certFile?.source,
        ]
        for case let source? in needTarget {
            throw source.error("needs a target; the bundled downstreams bring their own")
        }
    }

    private func checkLoops(in plan: SessionPlan) throws(CommandLineError) {
        let limits = [
            ("maxSockets", plan.settings.maxSocketsPerHost), ("maxTotalSockets", plan.settings.maxTotalSockets),
        ]
        guard let loops = draft.loops else { return }
        for (name, limit) in limits where limit < loops.value {
            throw loops.source.error("\(loops.value) loops cannot share \(name) \(limit)")
        }
    }

    private func checkChanges(in plan: SessionPlan) throws(CommandLineError) {
        for entry in draft.changes {
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
    }

    /// Whatever is said for one host has to name one that there is.
    private func checkHosts(in plan: SessionPlan) throws(CommandLineError) {
        let named = draft.changes.map { ($0.value.host, $0.source) } + draft.checks.map { ($0.value.host, $0.source) }
        for case (let host?, let source) in named {
            if plan.targets.isEmpty {
                // A bundled downstream's port is known only once it is there, so a name is all that can be asked for.
                guard !Self.bundledNames.contains(host) else { continue }
                throw source.error(NearestName.problem(kind: "host", name: host, among: Self.bundledNames))
            }
            guard !plan.targets.contains(where: { $0.isNamed(host) }) else { continue }
            throw source.error(NearestName.problem(kind: "host", name: host, among: plan.targets.map(\.name)))
        }
    }
}
