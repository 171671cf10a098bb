import AgentCore
import ArgumentParser
import Experiment
import PoolModel
import Testing

@testable import SessionConfig
@testable import pooltop

/// `pooltop compare`'s options without those of every command.
private func comparison(_ options: [String], _ common: [String] = []) throws -> ComparePlan {
    try CompareOptions.parse(options).plan(common: try CommonOptions.parse(["--seed", "7"] + common))
}

private func problem(_ options: [String], _ common: [String] = []) -> String? {
    do {
        _ = try comparison(options, common)
        return nil
    } catch let error as CommandLineError {
        return error.status == .usage ? error.message : "\(error.status): \(error.message)"
    } catch {
        return "\(error)"
    }
}

@Suite struct CompareOptionsTests {
    @Test("The default comparison is keep-alive and DNS cache off against on")
    func theStoryIsTheDefault() throws {
        let plan = try comparison([])
        #expect(plan.a.texts == "keepAlive=off dnsCache=off")
        #expect(plan.b.texts == "keepAlive=on dnsCache=on")
        var standard = ExperimentPlan()
        standard.seed = 7
        #expect(plan.experiment == standard && plan.capacity == CapacityPlan() && !plan.isAA)
        #expect(plan.session.load.duration == nil && plan.session.usesBundledDownstreams)
    }

    /// If only one arm sets a value, the other gets the session's, so that each arm undoes the changes of the other.
    @Test("Both arms contain the same settings")
    func bothArmsNameTheSameSettings() throws {
        let plan = try comparison(
            ["--a", "maxSockets=8", "--b", "idleTimeout=2s", "--b", "maxSockets=16@catalog"], ["--max-sockets", "12"])
        #expect(plan.a.texts == "maxSockets=8 idleTimeout=1m maxSockets=8@catalog")
        #expect(plan.b.texts == "maxSockets=12 idleTimeout=2s maxSockets=16@catalog")
        #expect(plan.session(of: .a).settings.maxSocketsPerHost == 8)
        #expect(plan.session(of: .b).settings.idleTimeout == .seconds(2))
        #expect(plan.session(of: .a).settings.idleTimeout == .seconds(60))
    }

    @Test("The last value for a setting wins")
    func theLastOfSeveralWordsForOneSettingCounts() throws {
        let plan = try comparison(["--a", "keepAlive=off", "--a", "keepAlive=5"])
        #expect(plan.a.texts == "keepAlive=5" && plan.b.texts == "keepAlive=on")
    }

    @Test("The arms can have different loads")
    func loadsCanDiffer() throws {
        let open = try comparison(["--b", "rate=2000/s"], ["--rate", "1000/s"])
        #expect(open.a.texts == "rate=1000/s" && open.b.texts == "rate=2000/s")
        #expect(open.session(of: .b).load.shape == .rate(perSecond: 2000, .batched))
        let closed = try comparison(["--b", "concurrency=64"], ["--concurrency", "8"])
        #expect(closed.a.texts == "concurrency=8" && closed.b.texts == "concurrency=64")
    }

    @Test("A target's own setting applies in the arm that does not set it")
    func aTargetsOwnSettingIsThatOfTheArmWhichDoesNotNameIt() throws {
        let plan = try comparison(["--b", "maxSockets=16@x"], ["--target", "x=http://127.0.0.1:1"])
        #expect(plan.a.texts == "maxSockets=64@x" && plan.b.texts == "maxSockets=16@x")
        #expect(plan.session(of: .b).targets[0].overrides[.maxSockets] == .count(16))
    }

    /// Eleven pairs with the lead pair; a third of each turn is for the washout.
    @Test("A duration bounds the whole run, washouts and lead pairs included")
    func aDurationBoundsTheRun() throws {
        let plan = try comparison([], ["--duration", "66s"]).experiment
        #expect(plan.window == .seconds(2) && plan.longestWashout == .seconds(1) && plan.total == .seconds(66))
        let short = try comparison([], ["--duration", "22s"]).experiment
        #expect(short.window == .milliseconds(600) && short.longestWashout == .milliseconds(400))
        let long = try comparison([], ["--duration", "10m"]).experiment
        #expect(long.longestWashout == .seconds(2) && long.window == .milliseconds(25_272))
        let given = try comparison(["--window", "1s"], ["--duration", "1m"]).experiment
        #expect(given.window == .seconds(1) && given.longestWashout > .milliseconds(1700))
        let both = try comparison(["--window", "1s", "--washout", "500ms"], ["--duration", "1m"]).experiment
        #expect(both.longestWashout == .milliseconds(500))
        let warm = try comparison(["--sessions", "5"], ["--duration", "70s", "--warm-up", "2s"]).experiment
        #expect(warm.windowCount == 30 && warm.longestTurn * 30 + .seconds(10) <= .seconds(70))
        #expect(try comparison([]).experiment.total == nil)
    }

    @Test("An A/A test can be asked for")
    func sameArms() throws {
        let plan = try comparison(["--a", "keepAlive=on", "--b", "keepAlive=on"])
        #expect(plan.isAA && plan.a.texts == "keepAlive=on")
    }

    @Test("The seed of the session also draws the order of the arms")
    func seed() throws {
        #expect(try comparison([]).experiment.seed == 7)
    }

    @Test("All other options are read too")
    func theRestIsReadToo() throws {
        let plan = try comparison(
            [
                "--pairs", "12", "--sessions", "4", "--window", "1500ms", "--washout", "100ms", "--equivalence", "10%",
                "--own-cpu", "2ms", "--cores", "0.5", "--utilisation", "0.7", "--capacity-rate", "1M/min",
                "--report", "x.html",
            ], ["--warm-up", "3s"])
        #expect(plan.experiment.pairs == 12 && plan.experiment.sessions == 4)
        #expect(plan.experiment.window == .milliseconds(1500))
        #expect(plan.experiment.longestWashout == .milliseconds(100))
        #expect(plan.experiment.shortestWashout == .milliseconds(100) && plan.experiment.equivalence == 0.1)
        #expect(plan.capacity.model.ownCPUSecondsPerRequest == 0.002 && plan.capacity.model.cores == 0.5)
        #expect(plan.capacity.model.utilisation == 0.7 && plan.reportFile == "x.html")
        #expect(plan.capacity.requestsPerSecond == 1_000_000.0 / 60)
        #expect(plan.warmUp == .seconds(3) && plan.session.load.warmUp == .zero)
    }

    static let mistakes: [([String], [String], String)] = [
        (["--a", "keepAlive"], [], "--a: 'keepAlive' is not SETTING=VALUE; allowed: keepAlive=off"),
        (["--b", "keepAlive=toggle"], [], "--b: 'keepAlive=toggle': an arm has a value, on or off"),
        (["--b", "maxSocket=3"], [], "--b: unknown setting 'maxSocket'; did you mean 'maxSockets'?"),
        (
            ["--a", "keepAlive=on"], [],
            "--a: both arms are the same: keepAlive=on; say so with --b too for an A/A test"
        ),
        (
            ["--b", "maxSockets=64"], [],
            "--b: both arms are the same: maxSockets=64; say so with --a too for an A/A test"
        ),
        (["--a", "keepAlive=off@nobody"], [], "--a: unknown host 'nobody'"),
        (["--a", "dnsCache=off@catalog"], [], "--a: dnsCache exists once for all hosts, so @catalog has no meaning"),
        (["--b", "rate=5"], ["-c", "4"], "--b: rate is for an open loop, and --concurrency makes a closed one"),
        (["--b", "concurrency=5"], [], "--b: concurrency is for a closed loop; start one with --concurrency"),
        ([], ["--keep-alive", "5"], "--keep-alive: is what the arms differ in; say --a and --b instead"),
        ([], ["--dns-cache", "off"], "--dns-cache: is what the arms differ in; say --a and --b instead"),
        ([], ["--plan", "1s@5"], "--plan: has no place here: both arms get the same load"),
        (
            [], ["--requests", "5"],
            "--requests: has no place here: windows have a length (--window, --duration)"
        ),
        ([], ["--at", "1s:rate=5"], "--at: has no place here: the arms say what changes (--a, --b)"),
        (["--pairs", "0"], [], "--pairs: '0' is out of range; allowed: 1 to 1000"),
        (["--sessions", "11"], [], "--sessions: 11 sessions cannot share 10 pairs"),
        (["--window", "10ms"], [], "--window: leaves 10ms for a window; at least 50ms are needed"),
        ([], ["--duration", "100ms"], "--duration: leaves 2ms for a window; at least 50ms are needed"),
        (
            ["--window", "2s"], ["--duration", "30s"],
            "--duration: 22 windows of 2s and as many washouts of up to 400ms do not fit in; 53s would do"
        ),
        (["--equivalence", "0"], [], "--equivalence: must be above 0 and below 1; allowed: 5%, 0.05"),
        (["--utilisation", "0"], [], "--utilisation: must be above 0; allowed: 60%, 0.6"),
        (["--cores", "none"], [], "--cores: 'none' is not a number of cores; allowed: 1, 0.5, 4"),
        (["--capacity-rate", "0"], [], "--capacity-rate: must be above 0; allowed: 100, 100/s, 200k/min"),
        (["--report", ""], [], "--report: is empty"),
        (["--report", "-"], [], "--report: needs a file; standard output has the figures"),
        (
            ["--sessions", "2"], ["--record", "x"],
            "--record: holds one session, and --sessions asks for 2"
        ),
    ]

    @Test("An error is one line with its place", arguments: mistakes)
    func aMistakeIsOneLineThatSaysWhere(options: [String], common: [String], line: String) throws {
        let said = try #require(problem(options, common))
        #expect(said.hasPrefix(line), "\(said)")
    }
}
