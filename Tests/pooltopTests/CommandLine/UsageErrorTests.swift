import TestSupport
import Testing

@testable import SessionConfig
@testable import pooltop

/// Every way to use the command line wrongly, with the very line that it prints.
@Suite(.busyCore) struct UsageErrorTests {
    static let values: [([String], String)] = [
        (["--rate", "abc"], "--rate: 'abc' is not a rate; allowed: 100, 100/s, 200k/min"),
        (["--rate", "-5"], "--rate: '-5' is negative; allowed: 100, 100/s, 200k/min"),
        (["--rate", "0"], "--rate: must be above zero; allowed: 100, 100/s, 200k/min"),
        (["--rate", "NaN"], "--rate: 'NaN' is not a rate; allowed: 100, 100/s, 200k/min"),
        (["--concurrency", "0"], "--concurrency: '0' is out of range; allowed: 1 to 1000000"),
        (["-c", "x"], "--concurrency: 'x' is not a count; allowed: 1 to 1000000, with k and M as in 10k and 1.5M"),
        (["--arrivals", "bursty"], "--arrivals: unknown arrivals 'bursty'; allowed: batched, constant, poisson"),
        (
            ["--plan", "30s"],
            "--plan: '30s' is not a plan; allowed: 30s@50,1m@200, a ramp 1m@50~200, 30s@50,1m@~200"
        ),
        (["--duration", "5"], "--duration: '5' has no unit; allowed: 250us, 20ms, 1.5s, 2m, 1h"),
        (["--duration", "0s"], "--duration: must be above zero; allowed: 250us, 20ms, 1.5s, 2m, 1h"),
        (["--requests", "0"], "--requests: '0' is out of range; allowed: 1 and more"),
        (["--warm-up", "soon"], "--warm-up: 'soon' is not a duration; allowed: 250us, 20ms, 1.5s, 2m, 1h"),
        (["--loops", "0"], "--loops: '0' is out of range; allowed: 1 to 256"),
        (["--seed", "-1"], "--seed: '-1' is not a seed; allowed: 0 to 18446744073709551615"),
        (
            ["--keep-alive", "maybe"],
            "--keep-alive: 'maybe' is not a keep-alive policy; allowed: on, off, N (a new connection after every N"
                + " exchanges), N:M (drawn per connection)"
        ),
        (["--max-sockets", "0"], "--max-sockets: '0' is out of range; allowed: 1 to 1000000"),
        (["--max-total-sockets", "1.5"], "--max-total-sockets: '1.5' is not a whole number; allowed: 1 to 1000000"),
        (["--max-free-sockets", "-1"], "--max-free-sockets: '-1' is out of range; allowed: 0 to 1000000, none"),
        (["--idle-timeout", "60"], "--idle-timeout: '60' has no unit; allowed: 250us, 20ms, 1.5s, 2m, 1h, none"),
        (["--max-lifetime", "0"], "--max-lifetime: must be above zero; allowed: 250us, 20ms, 1.5s, 2m, 1h, none"),
        (
            ["--max-requests-per-connection", "0"],
            "--max-requests-per-connection: '0' is out of range; allowed: 1 and more, none"
        ),
        (["--scheduling", "random"], "--scheduling: unknown order 'random'; allowed: lifo, fifo, round-robin"),
        (
            ["--queue-limit", "many"],
            "--queue-limit: 'many' is not a count; allowed: 0 to 1000000, with k and M as in 10k and 1.5M"
        ),
        (["--queue-timeout", "-1s"], "--queue-timeout: '-1s' is negative; allowed: 250us, 20ms, 1.5s, 2m, 1h, none"),
        (
            ["--connect-timeout", "0"],
            "--connect-timeout: must be above zero; allowed: 250us, 20ms, 1.5s, 2m, 1h, none"
        ),
        (["--timeout", "x"], "--timeout: 'x' is not a duration; allowed: 250us, 20ms, 1.5s, 2m, 1h, none"),
        (["--retries", "2"], "--retries: '2' is out of range; allowed: 0 to 1"),
        (["--retries", "NaN"], "--retries: 'NaN' is not a count; allowed: 0 to 1"),
        (["--loops", "99999999999999999999"], "--loops: '99999999999999999999' is out of range; allowed: 1 to 256"),
        (
            ["--set", "tcpKeepAliveProbe=10h"],
            "--set: tcpKeepAliveProbe: '10h' is too long; allowed: up to 32767s, none"
        ),
        (["--at", "1s:maxSockets=3", "--loops", "4"], "--at: 4 loops cannot share maxSockets 3"),
        (
            ["--at", "1s:lifetimeJitter=0@catalog"],
            "--at: lifetimeJitter exists once for all hosts, so @catalog has no meaning"
        ),
        (["-c", "8", "--at", "1s:concurrency=2", "--loops", "4"], "--at: 4 loops cannot share concurrency 2"),
        (["--resolve", "gone.test:80:127.0.0.1"], "--resolve: 'gone.test:80:127.0.0.1' fits no target"),
        (["--dns-cache", "maybe"], "--dns-cache: 'maybe' is not a switch; allowed: on, off"),
        (["--dns-max-ttl", "none"], "--dns-max-ttl: 'none' is not a duration; allowed: 250us, 20ms, 1.5s, 2m, 1h"),
        (["--dns-max-ttl", "1ms"], "--dns-max-ttl: dnsMinTTL 1s is above dnsMaxTTL 1ms"),
        (
            ["--dns-server", "dns.test"],
            "--dns-server: 'dns.test' is not an IP address with or without a port; allowed: 127.0.0.1, 127.0.0.1:5353,"
                + " [::1]:53"
        ),
        (
            ["--resolve", "a:80"],
            "--resolve: 'a:80' is not HOST:PORT:ADDR[:PORT]; allowed: example.com:443:127.0.0.1,"
                + " example.com:443:[::1]:8443, *:80:127.0.0.1:8080"
        ),
        (["--unix-socket", ""], "--unix-socket: '' is not a socket path; allowed: 1 to 107 bytes"),
        (["--method", "a b"], "--method: 'a b' is not a method; allowed: GET, HEAD, POST, PUT, …"),
        (["-X", "connect"], "--method: CONNECT makes a tunnel of the connection, so no pool can keep it"),
        (["--header", "x"], "--header: has no colon after the name of a header; allowed: 'Name: value'"),
        (["--header", "@/nowhere"], "--header: cannot read '/nowhere': No such file or directory"),
        (["--body", "@/nowhere"], "--body: cannot read '/nowhere': No such file or directory"),
        (["--body-file", "/nowhere"], "--body-file: cannot read '/nowhere': No such file or directory"),
        (["--ca-file", "/nowhere"], "--ca-file: cannot read '/nowhere': No such file or directory"),
        (["--theme", "pink"], "--theme: unknown theme 'pink'; allowed: auto, dark, light, mono"),
        (["--format", "xml"], "--format: unknown format 'xml'; allowed: text, json, ndjson"),
        (["--interval", "1ms"], "--interval: must be at least 10ms"),
        (["--output", ""], "--output: is empty"),
        (["--set", "tlsTimeout"], "--set: 'tlsTimeout' is not SETTING=VALUE; allowed: keepAlive=off"),
        (["--set", "maxSokets=1"], "--set: unknown setting 'maxSokets'; did you mean 'maxSockets'?"),
        (
            ["--set", "maxSockets=x"],
            "--set: maxSockets: 'x' is not a count; allowed: 1 to 1000000, with k and M as in 10k and 1.5M"
        ),
        (
            ["--set", "keepAlive=toggle"],
            "--set: keepAlive: 'toggle' is not a keep-alive policy; allowed: \(KeepAliveText.allowed)"
        ),
        (
            ["--set", "rate=5"],
            "--set: unknown setting 'rate'; allowed: \(AgentSetting.allCases.map(\.name).joined(separator: ", "))"
        ),
        (["--target", "nowhere:80"], "--target: 'nowhere:80' is not a URL; did you mean 'http://nowhere:80'?"),
        (["rum"], "'rum' is neither a command nor a URL; did you mean 'run'?"),
        (["compar"], "'compar' is neither a command nor a URL; did you mean 'compare'?"),
        (["quite-something"], "'quite-something' is neither a command nor a URL"),
        (["a.test"], "URL: 'a.test' is not a URL; did you mean 'http://a.test'?"),
        (["http://a:b"], "URL: 'b' is not a port; allowed: 1 to 65535"),
        (
            ["a@b=http://a"],
            "URL: 'a@b' is not a name; allowed: up to 64 letters, digits and signs but no blank and none of @<>=!\""
        ),
        (["--config", "/nowhere"], "--config: cannot read '/nowhere': No such file or directory"),
        (["--record", ""], "--record: is empty"), (["--hdr-log", ""], "--hdr-log: is empty"),
        (["--record", "-"], "--record: has to be a file, not standard output"),
        (["--record", "f", "--hdr-log", "f"], "--hdr-log: is the same file as that of --record"),
    ]

    static let contradictions: [([String], String)] = [
        (["--rate", "5", "--concurrency", "5"], "--rate: contradicts --concurrency: give one of the two"),
        (["--rate", "5", "--plan", "1s@5"], "--rate: contradicts --plan: give one of the two"),
        (["--plan", "1s@5", "--concurrency", "5"], "--plan: contradicts --concurrency: give one of the two"),
        (
            ["--plan", "1s@5", "--duration", "5s"],
            "--duration: contradicts --plan, whose steps have durations of their own"
        ),
        (
            ["--arrivals", "poisson", "-c", "5"],
            "--arrivals: is for an open loop, and --concurrency makes a closed one"
        ),
        (target + ["--cert", "f"], "--cert: a certificate needs its private key too (--key)"),
        (target + ["--key", "f"], "--key: a private key needs its certificate too (--cert)"),
        (
            target + ["--insecure", "--ca-file", "f"],
            "--ca-file: has no effect where no certificate is verified (--insecure)"
        ),
        (["--body", "a", "--body-file", "f"], "--body: contradicts --body-file: give one of the two"),
        (["--sick", "http://a"], "--sick: is for the bundled downstreams, and there are targets"),
        (["--theme", "lihgt"], "--theme: unknown theme 'lihgt'; did you mean 'light'?"),
        (["--sick", "--at", "1s:keepAlive=off@hangin"], "--at: unknown host 'hangin'; did you mean 'hanging'?"),
        (["--method", "PUT"], "--method: needs a target; the bundled downstreams bring their own"),
        (["-H", "A: b"], "--header: needs a target; the bundled downstreams bring their own"),
        (["--dns-server", "::1"], "--dns-server: needs a target; the bundled downstreams bring their own"),
        (["--unix-socket", "s"], "--unix-socket: needs a target; the bundled downstreams bring their own"),
        (
            ["--set", "maxSockets=5", "--max-sockets", "6"],
            "--set: maxSockets contradicts --max-sockets: give one of the two"
        ),
        (["--loops", "8", "--max-sockets", "4"], "--loops: 8 loops cannot share maxSockets 4"),
        (["--loops", "9", "--max-total-sockets", "8"], "--loops: 9 loops cannot share maxTotalSockets 8"),
        (["a=http://a", "a=http://b"], "URL: 'a' is the name of another target already"),
    ]

    static let changes: [([String], String)] = [
        (
            ["--at", "keepAlive=off"],
            "--at: 'keepAlive=off' is not TIME:SETTING=VALUE; allowed: 5s:keepAlive=off, every:10ms:keepAlive=toggle"
        ),
        (["--at", "5:keepAlive=off"], "--at: '5' has no unit; allowed: 250us, 20ms, 1.5s, 2m, 1h"),
        (["--at", "5s:keepAlive"], "--at: 'keepAlive' is not SETTING=VALUE; allowed: keepAlive=off"),
        (["--at", "5s:keepAlife=off"], "--at: unknown setting 'keepAlife'; did you mean 'keepAlive'?"),
        (
            ["--at", "5s:maxSockets=toggle"],
            "--at: maxSockets: 'toggle' is not a count; allowed: 1 to 1000000, with k and M as in 10k and 1.5M"
        ),
        (
            ["--at", "every:10us:keepAlive=toggle"],
            "--at: 'every:10us:keepAlive=toggle' repeats more often than every 1ms"
        ),
        (["--at", "1s:keepAlive=off@"], "--at: '1s:keepAlive=off@' has no host after @"),
        (["--at", "1s:dnsCache=off@catalog"], "--at: dnsCache exists once for all hosts, so @catalog has no meaning"),
        (["--at", "1s:keepAlive=off@catalogue"], "--at: unknown host 'catalogue'; did you mean 'catalog'?"),
        (["--at", "10s:keepAlive=off"], "--at: 10s is not before the end of the run at 10s"),
        (["--at", "1s:concurrency=5"], "--at: concurrency is for a closed loop; start one with --concurrency"),
        (["--at", "1s:rate=5", "-c", "5"], "--at: rate is for an open loop, and --concurrency makes a closed one"),
        (["--at", "1s:rate=5", "--plan", "9s@5"], "--at: the plan sets the rate"),
        (target + ["--at", "1s:keepAlive=off@x"], "--at: unknown host 'x'; allowed: 127.0.0.1:8080"),
        (
            ["--check", "p99 < 250ms @nowhere"],
            "--check: unknown host 'nowhere'; allowed: catalog, search, payments, legacy, ledger, images, flaky"
        ),
    ]

    static let parsing: [([String], String)] = [
        (["--rte", "5"], "unknown option '--rte'. Did you mean '--rate'?"), (["-j"], "unknown option '-j'"),
        (["--rate"], "missing value for '--rate <N[/s|/min]>'"),
    ]

    @Test("A usage error is one line with status 64", arguments: values + contradictions + changes)
    func badUsageIsOneLineAndStatus64(arguments: [String], line: String) throws {
        let status: CommandStatus = arguments.first == "--config" ? .config : .usage
        let result = try #require(printedQuickly(arguments))
        let help = status == .usage ? " (see pooltop run --help)" : ""
        #expect(result.standardError == "pooltop: \(line)\(help)\n")
        #expect(result.status == status.rawValue && result.standardOutput.isEmpty)
    }

    @Test("An unknown option is one line too", arguments: parsing)
    func whatIsNoOptionIsOneLineToo(arguments: [String], line: String) throws {
        let result = try #require(printed(["run"] + arguments))
        #expect(result.standardError == "pooltop: \(line) (see pooltop run --help)\n" && result.status == 64)
    }

    @Test(
        "A usage error of downstreams is one line",
        arguments: [
            (["--format", "xml"], "--format: unknown format 'xml'; allowed: text, json"),
            (["--rate", "5"], "unknown option '--rate'"), (["x"], "unexpected argument 'x'"),
        ])
    func badUsageOfDownstreams(arguments: [String], line: String) throws {
        let result = try #require(printed(["downstreams"] + arguments))
        #expect(result.standardError == "pooltop: \(line) (see pooltop downstreams --help)\n")
        #expect(result.status == 64)
    }

    @Test("Foreign text cannot control the terminal")
    func foreignTextCannotSteerTheTerminal() throws {
        let result = try #require(printed(["run", "--rate", "\u{1B}[2J\n\u{202E}x"]))
        #expect(result.standardError.hasPrefix("pooltop: --rate: '?[2J??x' is not a rate"))
    }

    @Test("Help and version are not errors")
    func helpAndVersionAreNoErrors() throws {
        let help = try #require(printed(["run", "--help"]))
        #expect(help.status == 0 && help.standardError.isEmpty && help.standardOutput.contains("--max-sockets"))
        #expect(try #require(printed(["--version"])) == CommandFailure(status: 0, standardOutput: "1.2.3\n"))
    }

    @Test("The help lists every documented option")
    func everyOptionOfTheContractIsInTheHelp() throws {
        let help = try #require(printed(["run", "--help"])).standardOutput
        let names = """
            config target rate concurrency arrivals plan duration requests warm-up keep-alive max-sockets \
            max-total-sockets max-free-sockets idle-timeout max-lifetime max-requests-per-connection scheduling \
            queue-limit queue-timeout connect-timeout timeout retries dns-cache dns-max-ttl dns-server resolve \
            unix-socket method header body body-file ca-file cert key insecure loops seed format interval output at \
            check no-color ascii theme print-config show-secrets quiet
            """
        for name in names.split(separator: " ") { #expect(help.contains("--\(name)"), "\(name)") }
    }
}
