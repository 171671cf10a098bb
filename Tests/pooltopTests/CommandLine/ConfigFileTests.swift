import AgentCore
import PoolModel
import Testing

@testable import SessionConfig
@testable import pooltop

/// The plan of a config file's text alone.
private func planned(_ yaml: String) throws -> SessionPlan {
    let draft = try ConfigFile.draft(text: yaml, file: "pool.yaml")
    return try PlanAssembly(draft: draft).plan(randomSeed: 7)
}

/// The error in a config file's text.
private func problem(_ yaml: String) -> String {
    do { return "no problem: \(try planned(yaml))" } catch {
        guard let error = error as? CommandLineError else { return "\(error)" }
        return (error.status == .config ? "" : "\(error.status): ") + error.message
    }
}

@Suite struct ConfigFileTests {
    static let everything = """
        agent:
          keepAlive: 100:200
          maxSocketsPerHost: 4
          maxTotalSockets: 8
          idleTimeout: none
          maxLifetime: ~
          scheduling: fifo
          tcpKeepAliveProbe: 5s
        targets:
          - http://plain.test:81/x
          - name: catalog
            url: https://catalog.test/items?q=a b
            weight: 2.5
            method: PUT
            headers:
              Accept: text/html
              X-Many: [1, two]
            body: "{\\"a\\": 1}\\n"
            timeout: 2s
            unixSocket: /run/c.sock
            agent: {keepAlive: off, maxSockets: 2}
        load:
          rate: 600/min
          arrivals: poisson
          duration: 1m30s
          requests: 10k
          warmUp: 5s
          loops: 2
          seed: 42
          at: [ "5s:keepAlive=off@catalog", "every:10ms:keepAlive=toggle" ]
        dns:
          server: 127.0.0.1:5353
          resolve:
            - catalog.test:443:127.0.0.1
            - "*:81:[::1]:8081"
          cache: off
          maxTTL: 10s
        tls:
          insecure: true
          minVersion: 1.1
        checks:
          - reuse > 0.95
          - p99 < 250ms @catalog
        ui:
          theme: light
          ascii: on
          color: off
        """.replacing("q=a b", with: "q=a")

    @Test("Every key of the config file is read")
    func everyKeyIsRead() throws {
        let plan = try planned(Self.everything)
        #expect(plan.settings.keepAlive == .exchanges(100...200) && plan.settings.maxSocketsPerHost == 4)
        #expect(plan.settings.idleTimeout == nil && plan.settings.maxLifetime == nil)
        #expect(plan.settings.scheduling == .fifo && plan.settings.tcpKeepAliveProbe == .seconds(5))
        #expect(!plan.settings.dnsCache && plan.settings.dnsMaxTTL == .seconds(10))
        #expect(plan.targets.map(\.name) == ["plain.test:81", "catalog"])
        let catalog = plan.targets[1]
        #expect(catalog.url.text == "https://catalog.test:443/items?q=a" && catalog.weight == 2.5)
        #expect(catalog.method == "PUT" && catalog.body == Array("{\"a\": 1}\n".utf8))
        #expect(catalog.headers.map { "\($0.name)=\($0.value)" } == ["Accept=text/html", "X-Many=1", "X-Many=two"])
        #expect(catalog.unixSocket == "/run/c.sock")
        let own = catalog.overrides.applied(to: plan.settings)
        #expect(own.keepAlive == .off && own.maxSocketsPerHost == 2 && own.requestTimeout == .seconds(2))
        #expect(own.maxTotalSockets == 8)
        #expect(plan.load.shape == .rate(perSecond: 10, .poisson) && plan.load.duration == .seconds(90))
        #expect(plan.load.requests == 10_000 && plan.load.warmUp == .seconds(5))
        #expect(plan.loops == 2 && plan.seed == 42 && plan.changes.count == 2)
        #expect(plan.dns.server?.text == "127.0.0.1:5353" && plan.dns.overrides.count == 2)
        #expect(plan.tls == TLSPlan(insecure: true, least: .v1_1) && plan.checks.count == 2)
        #expect(plan.screen == ScreenPlan(theme: .light, ascii: true, color: false))
    }

    @Test("An empty file sets nothing", arguments: ["", "# nothing\n", "agent:\n", "targets: []\nload: {}\n", "---\n"])
    func anEmptyFileSaysNothing(yaml: String) throws {
        #expect(try planned(yaml) == SessionPlan(seed: 7))
    }

    @Test("The sick downstreams have a key, which --print-config prints")
    func sick() throws {
        let plan = try planned("sick: on\nload: {seed: 3}\n")
        #expect(plan.bundled == .sick && plan.load.shape == .rate(perSecond: 405, .batched))
        let printed = PlanDocument.configText(
            for: try pooltopTests.plan(["--sick", "--seed", "3"]), showsSecrets: false)
        let healthy = PlanDocument.configText(for: try planned(""), showsSecrets: false)
        #expect(printed.contains("sick: on\n") && !healthy.contains("sick"))
        #expect(try planned(printed).bundled == .sick)
        #expect(try planned("sick: off\ntargets: [http://a]\n").targets.count == 1)
    }

    @Test("Targets can have their own rates")
    func targetsWithRatesOfTheirOwn() throws {
        let plan = try planned("targets:\n- {url: http://a, rate: 30}\n- {url: http://b, rate: 600/min}\n")
        #expect(plan.load.shape == .rate(perSecond: 40, .batched))
        #expect(plan.targets.map(\.weight) == [30, 10])
    }

    @Test(
        "An error in the file is one line with its place",
        arguments: [
            (
                "agent:\n  maxSokets: 5\n",
                "pool.yaml:2: agent.maxSokets: unknown key 'maxSokets'; did you mean 'maxSockets'?"
            ),
            ("agnt:\n  maxSockets: 5\n", "pool.yaml:1: agnt: unknown key 'agnt'; did you mean 'agent'?"),
            (
                "zzzzzzz: 1\n",
                "pool.yaml:1: zzzzzzz: unknown key 'zzzzzzz'; allowed: agent, targets, sick, load, dns, tls, checks, ui"
            ),
            (
                "agent:\n\n  maxSockets: many\n",
                "pool.yaml:3: agent.maxSockets: 'many' is not a count; allowed: 1 to 1000000, with k and M as in 10k and 1.5M"
            ),
            (
                "agent:\n  idleTimeout: 60\n",
                "pool.yaml:2: agent.idleTimeout: '60' has no unit; allowed: 250us, 20ms, 1.5s, 2m, 1h, none"
            ),
            (
                "agent:\n  maxSockets: ~\n",
                "pool.yaml:2: agent.maxSockets: 'none' is not a count; allowed: 1 to 1000000, with k and M as in 10k and 1.5M"
            ),
            ("agent: 5\n", "pool.yaml:1: agent: must have keys of its own: keepAlive, …"),
            ("- a\n", "pool.yaml:1: file: must have keys of its own: agent, …"),
            ("agent:\n  maxSockets: [5]\n", "pool.yaml:2: agent.maxSockets: must be a single value"),
            ("agent:\n  [a]: 5\n", "pool.yaml:2: has a key that is not a word"),
            (
                "agent:\n  maxSockets: 5\n  maxSockets: 6\n",
                "pool.yaml:3: maxSockets: given twice"
            ),
            (
                "agent:\n  maxSockets: 5\n  maxSocketsPerHost: 6\n",
                "pool.yaml:3: agent.maxSocketsPerHost: contradicts agent.maxSockets: give one of the two"
            ),
            (
                "agent:\n  dnsCache: on\ndns:\n  cache: off\n",
                "pool.yaml:4: dns.cache: contradicts agent.dnsCache: give one of the two"
            ),
            ("agent:\n  keepAlive: on\n bad\n", "pool.yaml:3: not valid YAML: did not find expected key"),
            ("agent: {\n", "pool.yaml:2: not valid YAML: did not find expected node content"),
            ("sick: on\n---\nsick: off\n", "pool.yaml:2: a second document begins; only one is read"),
            ("targets:\n- name: a\n", "pool.yaml:2: targets[0]: has no url"),
            (
                "targets:\n- url: http://a\n- url: ftp://b\n",
                "pool.yaml:3: targets[1].url: scheme 'ftp' is not supported; allowed: http, https"
            ),
            ("targets:\n- http://a:b\n", "pool.yaml:2: targets[0]: 'b' is not a port; allowed: 1 to 65535"),
            (
                "targets:\n- {url: http://a, weight: 0}\n",
                "pool.yaml:2: targets[0].weight: '0' is not a weight; allowed: a number above zero"
            ),
            (
                "targets:\n- {url: http://a, rate: 0}\n",
                "pool.yaml:2: targets[0].rate: must be above zero; allowed: 100, 100/s, 200k/min"
            ),
            (
                "targets:\n- {url: http://a, rate: 5}\n- http://b\n",
                "pool.yaml:3: targets[1]: this target has no rate, but targets[0].rate is given: give every target one"
            ),
            (
                "targets:\n- {url: http://a, rate: 5}\nload: {rate: 6}\n",
                "pool.yaml:3: load.rate: contradicts targets[0].rate: the targets' own rates make up the load"
            ),
            (
                "targets:\n- {url: http://a, rate: 5, weight: 1}\n",
                "pool.yaml:2: targets[0].weight: contradicts targets[0].rate: give every target a rate, or every one a weight"
            ),
            (
                "targets:\n- {url: http://a, name: x}\n- {url: http://b, name: x}\n",
                "pool.yaml:3: targets[1].url: 'x' is the name of another target already"
            ),
            (
                "targets:\n- {url: http://a/1}\n- {url: http://a/2, agent: {keepAlive: off}}\n",
                "pool.yaml:3: targets[1].url: shares the pool of http://a:80 with 'a:80', which has other settings"
            ),
            (
                "targets:\n- {url: http://a, agent: {maxTotalSockets: 5}}\n",
                "pool.yaml:2: targets[0].agent.maxTotalSockets: exists once for all hosts; set it in 'agent'"
            ),
            (
                "targets:\n- {url: http://a, timeout: 1s, agent: {requestTimeout: 2s}}\n",
                "pool.yaml:2: targets[0].agent.requestTimeout: contradicts targets[0].timeout: give one of the two"
            ),
            (
                "targets:\n- {url: http://a, body: x, bodyBase64: eA==}\n",
                "pool.yaml:2: targets[0].bodyBase64: contradicts targets[0].body"
            ),
            ("targets:\n- {url: http://a, bodyBase64: '*'}\n", "pool.yaml:2: targets[0].bodyBase64: is not base64"),
            (
                "targets:\n- url: http://a\n  headers:\n    Connection: close\n",
                "pool.yaml:4: targets[0].headers.Connection: 'Connection' is the agent's own; use --keep-alive"
            ),
            (
                "load:\n  rate: 5\n  concurrency: 5\n",
                "pool.yaml:2: load.rate: contradicts load.concurrency: give one of the two"
            ),
            (
                "load:\n  plan: 1s@5\n  duration: 5s\n",
                "pool.yaml:3: load.duration: contradicts load.plan, whose steps have durations of their own"
            ),
            (
                "load:\n  at:\n  - 1s:keepAlive=of\n",
                "pool.yaml:3: load.at[0]: keepAlive: 'of' is not a keep-alive policy; allowed: \(KeepAliveText.allowed)"
            ),
            (
                "checks:\n- p99 < 5\n",
                "pool.yaml:2: checks[0]: p99 is a duration, and '5' has no unit; allowed: 250us, 20ms, 1.5s, 2m, 1h"
            ),
            (
                "dns: {server: 127.0.0.1}\n",
                "pool.yaml:1: dns.server: needs a target; the bundled downstreams bring their own"
            ),
            (
                "sick: on\ntargets: [http://a]\n",
                "pool.yaml:1: sick: is for the bundled downstreams, and there are targets"
            ),
            (
                "agent: &a {maxSockets: 5}\nload: *a\n",
                "pool.yaml:2: aliases (*) are not read here; write the value once more"
            ),
        ])
    func aBadFileIsOneLineWithItsPlace(yaml: String, line: String) {
        #expect(problem(yaml) == line)
    }

    @Test("Deep nesting does not crash")
    func deepNestingIsNoCrash() {
        #expect(problem(String(repeating: "[", count: 100_000)).hasPrefix("pool.yaml:"))
    }

    @Test("Options override the file")
    func optionsWinOverTheFile() throws {
        let file = try TemporaryFile(
            """
            agent: {maxSockets: 5, maxFreeSockets: 3}
            targets: [{url: http://a, name: a, headers: {A: file, B: file}}]
            load: {concurrency: 5, duration: 60s, seed: 1}
            checks: [errors == 0]
            """)
        let plan = try plan([
            "--config", file.path, "--max-sockets", "6", "--rate", "9", "-H", "a: option", "--check", "reuse > 0.5",
        ])
        #expect(plan.settings.maxSocketsPerHost == 6 && plan.settings.maxFreeSocketsPerHost == 3)
        #expect(plan.targets.map(\.name) == ["a"] && plan.seed == 1)
        #expect(plan.targets[0].headers.map { "\($0.name)=\($0.value)" } == ["B=file", "a=option"])
        #expect(plan.load.shape == .rate(perSecond: 9, .batched) && plan.load.duration == .seconds(60))
        #expect(plan.checks.map(\.text) == ["errors == 0", "reuse > 0.5"])
        let other = try pooltopTests.plan(["--config", file.path, "--target", "http://b", "--plan", "1s@5"])
        #expect(other.targets.map(\.name) == ["b:80"] && other.load.duration == .seconds(1))
        #expect(other.targets[0].headers.isEmpty)
    }

    @Test("A file may depend on the options")
    func aFileMayRestOnTheOptions() throws {
        let file = try TemporaryFile("dns: {server: 127.0.0.1}\nchecks: [p99 < 1s @b]\n")
        let plan = try plan(["--config", file.path, "b=http://b.test"])
        #expect(plan.dns.server?.port == 53 && plan.checks.map(\.host) == ["b"])
    }

    @Test("Paths are relative to the config file's folder")
    func filesAreMeantFromTheConfigsFolder() throws {
        let file = try TemporaryFile("targets: [{url: http://a, bodyFile: pool.yaml}]\n", name: "pool.yaml")
        #expect(try plan(["--config", file.path]).targets[0].body.starts(with: "targets:".utf8))
    }

    @Test("An error in the file has its own exit status")
    func aBadFileEndsWithItsOwnStatus() throws {
        let file = try TemporaryFile("agent:\n  retry: 1\n", name: "pool.yaml")
        let result = try #require(printed(["run", "--config", file.path]))
        #expect(result.status == 78)
        #expect(result.standardError.hasPrefix("pooltop: \(file.path):2: agent.retry: unknown key 'retry'; "))
        #expect(!result.standardError.contains("see pooltop"))
    }
}
