import Foundation
import Testing

@testable import SessionConfig
@testable import pooltop

/// Config files that are made to take long, and how much may be asked for.
@Suite struct HostileConfigTests {
    private func problem(_ yaml: String) -> String {
        do throws(CommandLineError) {
            _ = try PlanAssembly(draft: try ConfigFile.draft(text: yaml, file: "a.yaml")).plan(randomSeed: 1)
            return "no problem"
        } catch {
            return error.message
        }
    }

    /// Nine lists of nine aliases of the list before.
    private static let laughs =
        "a: &b0 [x,x,x,x,x,x,x,x,x]\n"
        + (1...9).map { level in
            let aliases = Array(repeating: "*b\(level - 1)", count: 9).joined(separator: ",")
            return "b\(level): &b\(level) [\(aliases)]\n"
        }.joined()

    @Test("Aliases, keys that are not words, deep nesting and large files end at once with one line and its place")
    func bombs() {
        let levels = "is nested more than \(YAMLReader.mostLevels) levels deep"
        let alias = "aliases (*) are not read here; write the value once more"
        let many = "has more than \(YAMLReader.mostValues) keys and values in all"
        let cases: [(String, String)] = [
            (Self.laughs, "a.yaml:2: \(alias)"), ("a: &a\n  b: *a\n", "a.yaml:2: \(alias)"),
            ("? &a {b: c}\n: *a\n", "a.yaml:1: has a key that is not a word"),
            ("? [a, [b, [c]]]\n: d\n", "a.yaml:1: has a key that is not a word"),
            ("{{a: b}: c}: d\n", "a.yaml:1: has a key that is not a word"),
            (String(repeating: "[", count: 1_000_000), "a.yaml:1: \(levels)"),
            (String(repeating: "- ", count: 500_000), "a.yaml:1: \(levels)"),
            (String(repeating: "{a: ", count: 250_000), "a.yaml:1: \(levels)"),
            (String(repeating: "? ", count: 500_000), "a.yaml:1: has a key that is not a word"),
            ((0..<20_000).map { String(repeating: " ", count: $0 % 300) + "a:\n" }.joined(), "a.yaml:"),
            (String(repeating: "- a\n", count: 260_000), "a.yaml:\(YAMLReader.mostValues): \(many)"),
            ("targets: [" + String(repeating: "a,", count: 500_000), "a.yaml:1: \(many)"),
            ("x: \"" + String(repeating: "\\x41", count: 250_000), "a.yaml:"),
            ("&a &b x: y", "a.yaml:1: not valid YAML: "), ("*a", "a.yaml:1: \(alias)"),
            (String(repeating: "!", count: 1_000_000), "no problem"),
            (String(repeating: "\t", count: 1_000_000), "a.yaml"),
            (String(repeating: "a: b: ", count: 160_000), "a.yaml:1: not valid YAML: "),
            ("a: |\n" + String(repeating: "  *x &y\n", count: 100_000), "a.yaml:1: a: unknown key 'a'"),
        ]
        let start = ContinuousClock.now
        for (yaml, line) in cases {
            let text = problem(yaml)
            #expect(text.hasPrefix(line) && !text.contains("\n"), "\(yaml.prefix(20)): \(text.prefix(200))")
        }
        // A debug build on a busy machine; an optimised one takes a tenth of a second for all of them.
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test("Text that only looks like an alias is text")
    func textStays() throws {
        let draft = try ConfigFile.draft(
            text: "targets:\n- url: http://a\n  body: |\n    *bold* &amp\n  headers: {A: 'x *y'}\n", file: "a.yaml")
        #expect(draft.targets[0].request.body?.value == Array("*bold* &amp\n".utf8))
        #expect(draft.targets[0].request.headers[0].value.value == "x *y")
    }

    @Test("Every list has a limit, and reports where it is exceeded")
    func counts() {
        func many(_ count: Int, _ item: (Int) -> String) -> String { (0..<count).map(item).joined() }
        let cases: [(String, String)] = [
            ("targets:\n" + many(1025) { "- http://a\($0)\n" }, "a.yaml:1026: targets[1024]: more than 1024 targets"),
            (
                "load:\n  at:\n" + many(1001) { _ in "  - 1s:keepAlive=off\n" },
                "a.yaml:1003: load.at[1000]: more than 1000 changes"
            ),
            (
                "load:\n  plan:\n" + many(1001) { _ in "  - 1s@5\n" }, "a.yaml:2: load.plan: has more than 1000 steps"
            ),
            ("checks:\n" + many(257) { _ in "- p99 < 1s\n" }, "a.yaml:258: checks[256]: more than 256 checks"),
            (
                "dns:\n  resolve:\n" + many(257) { _ in "  - \"*:80:127.0.0.1\"\n" },
                "a.yaml:259: dns.resolve[256]: more than 256 entries"
            ),
            (
                "dns: {resolve: \"*:*:127.0.0.1" + many(64) { _ in ",127.0.0.1" } + "\"}",
                "a.yaml:1: dns.resolve: has more than 64 addresses"
            ),
            (
                "targets:\n- url: http://a\n  headers:\n" + many(129) { "    H\($0): x\n" },
                "a.yaml:132: targets[0].headers.H128: more than 128 header fields"
            ),
            (
                "targets:\n- url: http://a\n  headers: {A: \(many(65_536) { _ in "x" })}\n",
                "a.yaml:2: targets[0].url: the path and the header fields take more than 65536 bytes"
            ),
            (
                "targets: [{url: http://a, method: \(many(65) { _ in "X" })}]", "a.yaml:1: targets[0].method: '"
            ),
            ("targets: [{url: http://a, name: \(many(65) { _ in "x" })}]", "a.yaml:1: targets[0].name: '"),
            ("targets: [http://\(many(300) { _ in "x" })]", "a.yaml:1: targets[0]: '"),
        ]
        for (yaml, line) in cases {
            let text = problem(yaml)
            #expect(text.hasPrefix(line), "\(text.prefix(200))")
        }
        #expect(problem("targets:\n" + many(1024) { "- http://a\($0)\n" }) == "no problem")
    }

    @Test("Reading a file without end stops at the limit")
    func endless() {
        let failure = printedQuickly(["--config", "/dev/zero"])
        #expect(failure?.standardError == "pooltop: --config: '/dev/zero' is larger than 1 MiB\n")
    }
}
