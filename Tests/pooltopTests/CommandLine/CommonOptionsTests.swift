import AgentCore
import ArgumentParser
import Downstream
import PoolModel
import TestSupport
import Testing

@testable import SessionConfig
@testable import pooltop

@Suite(.busyCore) struct CommonOptionsTests {
    @Test("The default is the default load on the bundled downstreams")
    func nothingGivenIsTheStoryOfTheBundledDownstreams() throws {
        let plan = try plan([])
        #expect(plan.usesBundledDownstreams && plan.settings == AgentSetting.defaults)
        #expect(plan.load.shape == .rate(perSecond: 200_000.0 / 60, .batched))
        #expect(plan.load.duration == .seconds(10) && plan.load.warmUp == .zero && plan.load.requests == nil)
        #expect(plan.seed == 7 && plan.loops == 1 && plan.changes.isEmpty && plan.checks.isEmpty)
        #expect(plan.dns == DNSPlan() && plan.tls == TLSPlan() && plan.screen == ScreenPlan())
    }

    @Test("The sick fleet has few requests to each downstream, a load that is given wins, and its names are known")
    func sick() throws {
        let sick = try plan(["--sick"])
        #expect(sick.usesBundledDownstreams && sick.bundled == .sick)
        #expect(sick.load.shape == .rate(perSecond: 20 * 20 + 5, .batched))
        #expect(try plan(["--sick", "--rate", "100"]).load.shape == .rate(perSecond: 100, .batched))
        #expect(try plan(["--sick", "--at", "1s:maxSockets=2@hanging"]).changes.first?.host == "hanging")
        #expect(try plan([]).bundled == .healthy)
    }

    @Test("The monitor has no end of its own")
    func monitorHasNoEndOfItsOwn() throws {
        #expect(try CommonOptions.parse([]).plan().load.duration == nil)
        #expect(try CommonOptions.parse(["--requests", "5"]).plan(defaultDuration: .seconds(10)).load.duration == nil)
    }

    @Test("A seed is drawn if none is given")
    func aSeedIsDrawnWhereNoneIsGiven() throws {
        #expect((1...999_999).contains(try CommonOptions.parse([]).plan().seed))
    }

    @Test(
        "Each agent option sets its setting",
        arguments: [
            (["--keep-alive", "off"], "keepAlive=off"), (["--keep-alive", "5:9"], "keepAlive=5:9"),
            (["--max-sockets", "4"], "maxSockets=4"), (["--max-total-sockets", "1k"], "maxTotalSockets=1000"),
            (["--max-free-sockets", "0"], "maxFreeSockets=0"), (["--idle-timeout", "5s"], "idleTimeout=5s"),
            (["--idle-timeout", "none"], "idleTimeout=none"), (["--max-lifetime", "1m"], "maxLifetime=1m"),
            (["--max-requests-per-connection", "100"], "maxRequestsPerConnection=100"),
            (["--scheduling", "round-robin"], "scheduling=round-robin"), (["--queue-limit", "0"], "queueLimit=0"),
            (["--queue-timeout", "1s"], "queueTimeout=1s"), (["--connect-timeout", "250ms"], "connectTimeout=250ms"),
            (["--timeout", "2s"], "requestTimeout=2s"), (["--retries", "0"], "retries=0"),
            (["--dns-cache", "off"], "dnsCache=off"), (["--dns-max-ttl", "10s"], "dnsMaxTTL=10s"),
            (["--set", "tlsTimeout=5s"], "tlsTimeout=5s"), (["--set", "retryBudget=50%"], "retryBudget=0.5"),
            (["--set", "maxSocketsPerHost=3"], "maxSockets=3"),
            (["--set", "tcpKeepAliveProbe=none"], "tcpKeepAliveProbe=none"),
        ])
    func agentOptions(arguments: [String], change: String) throws {
        var expected = AgentSetting.defaults
        try SettingChange.parse(change).apply(to: &expected)
        #expect(expected != AgentSetting.defaults)
        #expect(try plan(arguments).settings == expected)
    }

    @Test(
        "Each load option sets the shape of the load",
        arguments: [
            (["--rate", "50"], LoadPlan.Shape.rate(perSecond: 50, .batched)),
            (["-R", "600/min", "--arrivals", "poisson"], .rate(perSecond: 10, .poisson)),
            (["--concurrency", "8"], .concurrency(8)), (["-c", "1k"], .concurrency(1000)), (["-c10"], .concurrency(10)),
            (
                ["--plan", "1s@5~10"],
                .steps([RateStep(duration: .seconds(1), from: 5, to: 10)], .batched)
            ),
        ])
    func shapesOfLoad(arguments: [String], shape: LoadPlan.Shape) throws {
        #expect(try plan(arguments).load.shape == shape)
    }

    @Test("Options limit the duration and the number of requests")
    func limitsOfLoad() throws {
        let load = try plan(["-z", "30s", "-n", "10k", "--warm-up", "5s"]).load
        #expect(load.duration == .seconds(30) && load.requests == 10_000 && load.warmUp == .seconds(5))
        #expect(load.totalDuration == .seconds(35))
        #expect(try plan(["--plan", "30s@50,1m@200"]).load.duration == .seconds(90))
    }

    @Test("The planned rate at a time can be computed")
    func theRateAtATime() throws {
        let load = try plan(["--plan", "10s@100,10s@~200", "--warm-up", "5s"]).load
        let rates = [0, 5, 15, 20, 25, 99].map { load.targetPerSecond(at: .seconds($0)) }
        #expect(rates == [100, 100, 100, 150, 200, 200])
        #expect(try plan(["-c", "5"]).load.targetPerSecond(at: .zero) == nil)
    }

    @Test("Options describe the requests of a target")
    func requestsOfATarget() throws {
        let plan = try plan([
            "catalog=http://a.test/x", "--target", "https://b.test?y=z", "-H", "A: 1", "--header", "B:2", "-d", "{}",
            "--unix-socket", "/run/x.sock",
        ])
        #expect(plan.targets.map(\.name) == ["catalog", "b.test:443"])
        #expect(plan.targets.map(\.url.text) == ["http://a.test:80/x", "https://b.test:443/?y=z"])
        for target in plan.targets {
            #expect(target.method == "POST" && target.body == Array("{}".utf8) && target.weight == 1)
            #expect(target.headers == [HeaderField(name: "A", value: "1"), HeaderField(name: "B", value: "2")])
            #expect(target.unixSocket == "/run/x.sock")
        }
        #expect(try pooltopTests.plan(target + ["-X", "PUT"]).targets[0].method == "PUT")
        #expect(try pooltopTests.plan(target).targets[0].method == "GET")
    }

    @Test("A body can be read from a file")
    func bodyFromAFile() throws {
        let file = try TemporaryFile("a\u{0}b")
        #expect(try plan(target + ["--body-file", file.path]).targets[0].body == [97, 0, 98])
    }

    @Test("Network options set DNS and TLS")
    func networkOptions() throws {
        let file = try TemporaryFile("pem")
        let plan = try plan(
            target + [
                "--dns-server", "127.0.0.1:5353", "--resolve", "127.0.0.1:8080:127.0.0.3",
                "--resolve", "*:8080:127.0.0.2",
                "--cert", file.path, "--key", file.path, "--insecure",
            ])
        #expect(plan.dns.server == SocketEndpoint(address: "127.0.0.1", port: 5353))
        #expect(plan.dns.overrides.map(ResolveText.format) == ["127.0.0.1:8080:127.0.0.3", "*:8080:127.0.0.2"])
        #expect(plan.tls == TLSPlan(caFile: nil, certFile: file.path, keyFile: file.path, insecure: true))
        #expect(try pooltopTests.plan(target + ["--ca-file", file.path]).tls.caFile == file.path)
        #expect(try pooltopTests.plan(target + ["-k"]).tls.insecure)
        #expect(try pooltopTests.plan(target + ["--tls-min", "1.0"]).tls == TLSPlan(least: .v1_0))
    }

    @Test("Options add timed changes and checks")
    func changesAndChecks() throws {
        let plan = try plan([
            "--at", "5s:keepAlive=off", "--at", "every:10ms:keepAlive=toggle@catalog", "--at", "1s:rate=100",
            "--check", "reuse > 0.95", "--check", "p99 < 250ms @search",
        ])
        #expect(
            plan.changes == [
                TimedChange(when: .at(.seconds(5)), change: .keepAlive(.off), host: nil),
                TimedChange(when: .every(.milliseconds(10)), change: .toggleKeepAlive, host: "catalog"),
                TimedChange(when: .at(.seconds(1)), change: .rate(perSecond: 100), host: nil),
            ])
        #expect(plan.checks.map(\.host) == [nil, "search"])
    }

    @Test("Screen options set the look of the screen")
    func screenOptions() throws {
        #expect(
            try plan(["--no-color", "--ascii", "--theme", "light"]).screen
                == ScreenPlan(theme: .light, ascii: true, color: false))
        #expect(try !plan([], environment: ["NO_COLOR": "1"]).screen.color)
        #expect(try plan([], environment: ["NO_COLOR": ""]).screen.color)
    }

    @Test("The number of loops and the seed can be set")
    func sharesOfSeveralLoops() throws {
        #expect(try plan(["--loops", "2", "--seed", "18446744073709551615"]).seed == .max)
        #expect(try plan(["--loops", "2"]).loops == 2)
    }

    @Test("Report options set format, interval and file")
    func reportOptions() throws {
        #expect(try ReportOptions.parse([]).plan() == ReportPlan())
        let plan = try ReportOptions.parse(["--format", "ndjson", "--interval", "100ms", "-o", "x", "--quiet"]).plan()
        #expect(plan == ReportPlan(format: .ndjson, interval: .milliseconds(100), outputFile: "x", isQuiet: true))
        #expect(try ReportOptions.parse(["--output", "-"]).plan().outputFile == nil)
    }

    @Test("Options of downstreams set format and seed")
    func downstreamsOptions() throws {
        #expect(try DownstreamsOptions.parse([]).plan(randomSeed: 3) == DownstreamsPlan(seed: 3))
        let plan = try DownstreamsOptions.parse(["--format", "json", "--seed", "9"]).plan()
        #expect(plan == DownstreamsPlan(json: true, seed: 9))
    }

    @Test("Downstreams are all those of a set, or those named, in the order of the set")
    func chosenDownstreams() throws {
        func names(_ arguments: [String]) throws -> [String] {
            try DownstreamsOptions.parse(arguments).plan().scenarios.map(\.name)
        }
        #expect(try names([]) == BundledFleet.healthy.names && names(["--sick"]) == BundledFleet.sick.names)
        #expect(try names(["--only", "flaky", "--only", "search"]) == ["search", "flaky"])
        #expect(try names(["--sick", "--only", "hanging"]) == ["hanging"])
        #expect(throws: CommandLineError(.usage, "--only: unknown downstream 'hangin'; did you mean 'hanging'?")) {
            try names(["--sick", "--only", "hangin"])
        }
    }
}
