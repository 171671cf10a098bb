import Testing

@testable import SessionConfig
@testable import pooltop

/// All faults of a config file at once.
@Suite struct ConfigFaultsTests {
    private func faults(_ yaml: String) -> [String] {
        do throws(CommandLineError) {
            _ = try PlanAssembly(draft: try ConfigFile.draft(text: yaml, file: "a.yaml")).plan(randomSeed: 1)
            return []
        } catch {
            #expect(error.status == .config)
            return [error.message] + error.others
        }
    }

    @Test("Unknown keys, bad values, missing parts and contradictions are told in one go, each with its place")
    func allAtOnce() {
        let yaml = """
            agent:
              maxSocket: 5
              idleTimeout: soon
              maxLifetime: 5m
            targets:
              - name: first
                weight: 0
              - url: http://a
                headers: {Connection: close, Accept: text/html}
              - url: ftp://b
                agent: {maxTotalSockets: 5, retries: 9}
              - {name: twin, url: http://c}
              - {name: twin, url: http://d}
            load:
              rate: 5
              concurrency: 6
              at: [1s:keepAlive=of, 5:keepAlive=off]
            checks:
              - p99 < 5
              - reuse > 0.5
            tls: {keyFile: /nowhere/key.pem}
            """
        let expected = [
            "2: agent.maxSocket: unknown key 'maxSocket'; did you mean 'maxSockets'",
            "3: agent.idleTimeout: 'soon' is not a duration; allowed: 250us, 20ms, 1.5s, 2m, 1h, none",
            "6: targets[0]: has no url",
            "7: targets[0].weight: '0' is not a weight; allowed: a number above zero",
            "9: targets[1].headers.Connection: 'Connection' is the agent's own; use --keep-alive",
            "10: targets[2].url: scheme 'ftp' is not supported; allowed: http, https",
            "11: targets[2].agent.maxTotalSockets: exists once for all hosts; set it in 'agent'",
            "11: targets[2].agent.retries: '9' is ",
            "17: load.at[0]: keepAlive: 'of' is not a keep-alive policy; allowed: on, off, N",
            "17: load.at[1]: ",
            "19: checks[0]: p99 is a duration, and '5' has no unit; allowed: 250us, 20ms, 1.5s, 2m, 1h",
            "13: targets[4].url: 'twin' is the name of another target already",
            "15: load.rate: contradicts load.concurrency: give one of the two",
            "21: tls.keyFile: a private key needs its certificate too (--cert)",
            "21: tls.keyFile: cannot read '/nowhere/key.pem': ",
        ]
        let found = faults(yaml)
        #expect(found.count == expected.count, "\(found.joined(separator: "\n"))")
        for (line, start) in zip(found, expected) { #expect(line.hasPrefix("a.yaml:" + start)) }
    }

    @Test(
        "A fault does not bring up others that only follow from it",
        arguments: [
            // The check names the target whose url cannot be read.
            ("targets: [{name: a, url: 'ftp://a'}]\nchecks: [p99 < 1s @a]\n", "targets[0].url: scheme"),
            // The targets stand under a misspelt key.
            ("target: [http://a]\ndns: {server: 127.0.0.1}\nchecks: [p99 < 1s @a]\n", "target: unknown key"),
            // The time in question is beyond an end that is not known.
            ("load: {duration: x, at: [9s:keepAlive=off]}\n", "load.duration: 'x'"),
            ("dns: {minTTL: 10m, maxTTL: 1}\n", "dns.maxTTL: "),
            ("agent: {maxSocketsPerHost: many}\nload: {loops: 100}\n", "agent.maxSocketsPerHost: "),
            ("tls: {certFile: /dev/null, keyFile: [a]}\ntargets: [https://a]\n", "tls.keyFile: "),
        ])
    func noFollowers(yaml: String, only: String) {
        let found = faults(yaml)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(only) == true, "\(found)")
    }

    @Test("Of many faults the first twenty are told and the others counted")
    func many() {
        let found = faults("agent:\n" + (1...33).map { "  x\($0): 1\n" }.joined())
        #expect(found.count == 21 && found.last == "and 13 more")
        #expect(found[19].hasPrefix("a.yaml:21: agent.x20: "))
        let endless = faults("checks:\n" + String(repeating: "- x\n", count: 20_000))
        #expect(endless.count == 21 && endless.last == "and more than 980 more")
    }

    @Test("A file's faults are a line each on standard error, and one status")
    func printedFaults() throws {
        let file = try TemporaryFile(
            "agent: {maxSockets: x}\nload: {rate: 5, concurrency: 5}\nui: {theme: pink}\n", name: "pool.yaml")
        let result = try #require(printed(["run", "--config", file.path, "--rate", "7"]))
        #expect(result.status == 78 && result.standardOutput.isEmpty)
        let lines = result.standardError.split(separator: "\n").map { $0.replacing(file.path, with: "F") }
        #expect(lines.count == 3, "\(lines)")
        #expect(lines.first?.hasPrefix("pooltop: F:1: agent.maxSockets: 'x' is not a count; allowed: ") == true)
        #expect(lines.dropFirst().first == "pooltop: F:2: load.rate: contradicts load.concurrency: give one of the two")
        #expect(lines.last?.hasPrefix("pooltop: F:3: ui.theme: unknown theme 'pink'; allowed: auto, dark,") == true)
    }

    @Test("What is wrong on the command line is told alone")
    func commandLineFirst() throws {
        let file = try TemporaryFile("agent: {maxSockets: x}\n", name: "pool.yaml")
        let result = try #require(printed(["run", "--config", file.path, "--rate", "x"]))
        #expect(result.status == 64 && result.standardError.hasPrefix("pooltop: --rate: "))
    }
}
