import Foundation
import PlainDocuments
import PoolModel
import Testing

@testable import SessionConfig
@testable import pooltop

@Suite struct PrintConfigTests {
    private func reread(_ plan: SessionPlan) throws -> SessionPlan {
        let text = PlanDocument.configText(for: plan, showsSecrets: true)
        return try PlanAssembly(draft: try ConfigFile.draft(text: text, file: "printed.yaml")).plan(randomSeed: 0)
    }

    @Test(
        "The printed config can be read back",
        arguments: [
            [], ["--rate", "200k/min"], ["--rate", "3333.3"], ["-c", "64", "-n", "1M"], ["--plan", "30s@50~1m@200"],
            ["--keep-alive", "off", "--idle-timeout", "none", "--max-requests-per-connection", "1000"],
            ["--keep-alive", "10:20", "--scheduling", "round-robin", "--set", "lifetimeJitter=33%"],
            ["--at", "5s:keepAlive=off@catalog", "--at", "every:10ms:keepAlive=toggle", "--at", "1s:rate=5/min"],
            ["--check", "reuse > 0.95", "--check", "newConnections/s < 5 @search", "--loops", "4", "--seed", "0"],
            ["--theme", "mono", "--ascii", "--no-color", "--arrivals", "poisson", "--warm-up", "1500ms"],
            [
                "a=https://a.test/?x=#f", "http://[::1]:81", "-H", "A: \"b\" # c: d", "-H", "Null: null", "-d", "null",
                "--resolve", "*:*:[::1]:5,127.0.0.1", "--dns-server", "::1", "--insecure", "-X", "PATCH",
            ],
            ["http://a", "-d", "käse: 'x' \"y\" \\ \t\u{1}\u{202E}😀\nsecond # line\n"], ["http://a", "-d", " - "],
            ["http://a", "-d", "~"], ["http://a", "-d", "nul\u{0}"], ["http://a", "-d", ""],
        ])
    func whatIsPrintedIsReadBack(arguments: [String]) throws {
        let plan = try plan(arguments)
        #expect(try reread(plan) == plan)
    }

    /// A config file means its paths from its own folder, which need not be the current one.
    @Test("Paths are printed in full")
    func pathsArePrintedInFull() throws {
        var plan = try plan(["http://a"])
        (plan.tls.caFile, plan.tls.certFile, plan.tls.keyFile) = ("ca.pem", "x/cert.pem", "/key.pem")
        let text = PlanDocument.configText(for: plan, showsSecrets: false)
        let here = FileManager.default.currentDirectoryPath
        #expect(
            text.contains("  caFile: \"\(here)/ca.pem\"\n") && text.contains("  certFile: \"\(here)/x/cert.pem\"\n"))
        #expect(text.contains("  keyFile: \"/key.pem\"\n"))
        #expect(
            PlanDocument.settings(of: plan).at(["tls", "caFile"]) == .string("ca.pem"), "a report shows what was said")
    }

    @Test("Every setting is printed and read back")
    func everySettingIsPrintedAndReadBack() throws {
        let plan = try PlanAssembly(draft: ConfigFile.draft(text: ConfigFileTests.everything, file: "a.yaml"))
            .plan(randomSeed: 1)
        #expect(try reread(plan) == plan)
        let text = PlanDocument.configText(for: plan, showsSecrets: false)
        for setting in AgentSetting.allCases { #expect(text.contains("  \(setting.name): ")) }
    }

    @Test("The printed document has the expected text")
    func theDocumentAsAPersonReadsIt() throws {
        let text = PlanDocument.configText(
            for: try plan([
                "catalog=http://a.test/x", "--rate", "200k/min", "--seed", "42", "-H", "Authorization: Bearer x",
                "--at", "5s:keepAlive=off", "--check", "p99 < 250ms", "--max-free-sockets", "8",
            ]), showsSecrets: true)
        let tail = try #require(text.split(separator: "targets:\n").last)
        #expect(text.contains("  maxFreeSockets: 8\n"))
        #expect(
            tail == """
                  - name: catalog
                    url: http://a.test:80/x
                    method: GET
                    weight: 1.0
                    headers:
                      - "Authorization: Bearer x"
                load:
                  rate: 200000/min
                  arrivals: batched
                  duration: 10s
                  warmUp: 0s
                  loops: 1
                  seed: 42
                  at:
                    - 5s:keepAlive=off
                checks:
                  - p99 < 250ms
                ui:
                  theme: auto
                  ascii: off
                  color: on

                """)
    }

    @Test("Hidden values are not read back")
    func whatIsHiddenIsNotReadBack() throws {
        for arguments in [["http://a/?q=1"], ["http://a", "-H", "Authorization: x"], ["http://a", "-d", "x"]] {
            let text = PlanDocument.configText(for: try plan(arguments), showsSecrets: false)
            let error = #expect(throws: CommandLineError.self) {
                try PlanAssembly(draft: try ConfigFile.draft(text: text, file: "a.yaml")).plan(randomSeed: 1)
            }
            #expect(
                error?.message.hasSuffix("was hidden when this file was printed; print it with --show-secrets") == true)
        }
        let open = try plan(["http://a", "-H", "Accept: b"])
        #expect(!PlanDocument.configText(for: open, showsSecrets: false).contains("#"))
        #expect(
            printed(["run", "--show-secrets"])?.standardError.hasPrefix("pooltop: --show-secrets: is for ") == true)
    }

    @Test("The printed config shows no secret")
    func nothingPrintedShowsASecret() throws {
        let printedPlan = try plan([
            "http://a/?q=Bearer", "-H", "Authorization: Bearer x", "-d", "secret", "-H", "Accept: b",
        ])
        let yaml = PlanDocument.configText(for: printedPlan, showsSecrets: false)
        #expect(yaml.hasPrefix("# Some header values, ") && yaml.contains("--show-secrets"))
        #expect(yaml.contains("\"Authorization: (not shown)\"") && yaml.contains("\"http://a:80/?q=***\""))
        #expect(yaml.contains("Accept: b") && yaml.contains("body: \"(not shown)\""))
        #expect(!yaml.contains("Bearer") && !yaml.replacing("secrets", with: "").contains("secret"))
        let json = PlanDocument.settings(of: try plan(target + ["-H", "Authorization: Bearer x", "-d", "secret"])).line
        #expect(json.contains("\"Authorization: (not shown)\"") && !json.contains("Bearer") && !json.contains("secret"))
        #expect(json.contains("\"bodyBytes\":6"))
    }
}
