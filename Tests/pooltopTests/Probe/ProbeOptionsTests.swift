import AgentCore
import ArgumentParser
import PoolModel
import Testing

@testable import SessionConfig
@testable import pooltop

@Suite struct ProbeOptionsTests {
    private func plan(_ arguments: [String]) throws -> ProbePlan { try ProbeOptions.parse(arguments).plan() }

    @Test("The options have their documented defaults")
    func defaults() throws {
        let plan = try plan(["https://pay.test/health"])
        #expect(plan.maxWait == .seconds(70) && plan.requests == 1000)
        #expect(!plan.json && plan.outputFile == nil && !plan.isQuiet)
        let target = try #require(plan.session.targets.first)
        #expect(plan.session.targets.count == 1 && target.url.text == "https://pay.test:443/health")
        #expect(target.method == "GET" && target.name == "pay.test:443")
        #expect(plan.session.settings.connectTimeout == .seconds(10))
    }

    @Test("Every option sets its part of the plan")
    func everyOptionHasItsPlace() throws {
        let plan = try plan([
            "http://a.test:8080/x", "--max-wait", "2m", "-n", "1k", "-X", "HEAD", "-H", "Accept: text/html",
            "--unix-socket", "/run/a.sock", "--connect-timeout", "1s", "--timeout", "2s", "--dns-server",
            "127.0.0.1:5353", "--resolve", "a.test:8080:127.0.0.9", "-k", "--format", "json", "-o", "out.json",
            "--quiet",
        ])
        let target = try #require(plan.session.targets.first)
        #expect(plan.maxWait == .seconds(120) && plan.requests == 1000 && plan.json && plan.isQuiet)
        #expect(plan.outputFile == "out.json" && target.method == "HEAD" && target.unixSocket == "/run/a.sock")
        #expect(target.headers == [HeaderField(name: "Accept", value: "text/html")])
        #expect(plan.session.settings.connectTimeout == .seconds(1))
        #expect(plan.session.settings.requestTimeout == .seconds(2))
        #expect(plan.session.dns.server == SocketEndpoint(address: "127.0.0.1", port: 5353))
        #expect(plan.session.dns.overrides.count == 1 && plan.session.tls.insecure)
    }

    @Test("Without a URL the bundled downstreams are probed")
    func withoutAURLItIsTheBundledDownstreams() throws {
        #expect(try plan([]).session.usesBundledDownstreams)
        #expect(try plan(["http://a.test", "http://b.test"]).session.targets.count == 2)
        #expect(try plan(["http://a.test", "-o", "-", "--max-wait", "0", "-n", "0"]).outputFile == nil)
    }

    static let mistakes: [([String], String)] = [
        (["a.test"], "URL: 'a.test' is not a URL; did you mean 'http://a.test'?"),
        (
            ["http://a.test", "--max-wait", "70"],
            "--max-wait: '70' has no unit; allowed: 250us, 20ms, 1.5s, 2m, 1h"
        ),
        (["http://a.test", "--max-wait", "-1s"], "--max-wait: '-1s' is negative; allowed: 250us, 20ms, 1.5s, 2m, 1h"),
        (
            ["http://a.test", "-n", "x"],
            "--requests: 'x' is not a count; allowed: 0 to 1000000, with k and M as in 10k and 1.5M"
        ),
        (
            ["http://a.test", "-X", "POST"],
            "--method: 'POST' would be sent many times over, which only safe methods allow; allowed: GET, HEAD, OPTIONS"
        ),
        (["http://a.test", "--format", "ndjson"], "--format: unknown format 'ndjson'; allowed: text, json"),
        (["http://a.test", "--output", ""], "--output: is empty"),
        (
            ["http://a.test", "--header", "x"],
            "--header: has no colon after the name of a header; allowed: 'Name: value'"
        ),
        (["http://a.test", "--cert", "/dev/null"], "--cert: a certificate needs its private key too (--key)"),
        (
            ["http://a.test", "--connect-timeout", "0"],
            "--connect-timeout: must be above zero; allowed: 250us, 20ms, 1.5s, 2m, 1h, none"
        ),
        (["http://a.test", "--resolve", "b.test:80:127.0.0.1"], "--resolve: 'b.test:80:127.0.0.1' fits no target"),
        (["-X", "HEAD"], "--method: needs a target; the bundled downstreams bring their own"),
        (["--dns-server", "127.0.0.1"], "--dns-server: needs a target; the bundled downstreams bring their own"),
    ]

    @Test("An error is one clear line", arguments: mistakes) func aMistakeIsOneClearLine(
        arguments: [String], message: String
    ) {
        #expect(throws: CommandLineError(.usage, message)) { try plan(arguments) }
    }
}
