import ArgumentParser
import TestSupport
import Testing

@testable import SessionConfig
@testable import pooltop

/// Command lines of `pooltop watch`, and the plans that it makes of them.
@Suite(.busyCore) struct WatchOptionsTests {
    private func plan(_ arguments: String...) throws -> WatchPlan {
        try WatchOptions.parse(arguments).plan(environment: [:])
    }

    private func problem(_ arguments: [String]) -> String? {
        do {
            _ = try WatchOptions.parse(arguments).plan(environment: [:])
            return nil
        } catch let error as CommandLineError {
            return error.message
        } catch {
            return WatchOptions.message(for: error)
        }
    }

    @Test("Without an argument the screen begins with the list of processes")
    func nothing() throws {
        let plan = try plan()
        #expect(plan.listsProcesses && plan.report == nil && plan.duration == nil && plan.includesChildren)
        #expect(plan.usesTracefs && !plan.reverseDNS && plan.processes.isEmpty)
    }

    @Test("Processes are ids and names; --all is all of them without the list")
    func processes() throws {
        #expect(try plan("4711", "node").processes == [.pid(4711), .name("node")])
        #expect(try plan("4711").listsProcesses == false)
        let all = try plan("--all", "--no-children", "--no-tracefs")
        #expect(all.processes.isEmpty && !all.listsProcesses && !all.includesChildren && !all.usesTracefs)
        #expect(try plan("--netns", "812").namespace == 812)
    }

    @Test("Hosts and names")
    func hosts() throws {
        let plan = try plan(
            "--host", "API.internal:443", "--name", "a.test:80", "--name", "b.test.:81", "--name", "a.test:80",
            "--reverse-dns")
        #expect(plan.host == "api.internal" && plan.port == 443 && plan.reverseDNS)
        #expect(plan.names == [WatchedName(name: "a.test", port: 80), WatchedName(name: "b.test", port: 81)])
        #expect(try self.plan("--host", "::1").host == "::1")
        #expect(try self.plan("--host", "[::1]:8080").port == 8080)
        #expect(try self.plan("--host", "10.0.0.7", "--port", "80").port == 80)
    }

    @Test(
        "What only a report has makes a report, which lasts ten seconds unless it is told otherwise",
        arguments: [["--format", "json"], ["--check", "newConnections/s < 5"], ["-o", "f"], ["--duration", "30s"]])
    func report(arguments: [String]) throws {
        let plan = try WatchOptions.parse(["node"] + arguments).plan(environment: [:])
        #expect(plan.report != nil)
        #expect(plan.duration == (arguments[0] == "--duration" ? .seconds(30) : .seconds(10)))
    }

    @Test("A recording alone keeps the screen")
    func recording() throws {
        let plan = try plan("node", "--record", "f.rec", "--theme", "dark")
        #expect(plan.report == nil && plan.recording == "f.rec" && plan.screen.theme == .dark)
    }

    @Test(
        "Bad input is one clear line",
        arguments: [
            (["0"], "PID|NAME: '0' is not a process id; allowed: 1 to 4194304"),
            (["99999999"], "PID|NAME: '99999999' is not a process id; allowed: 1 to 4194304"),
            ([""], "PID|NAME: is empty; allowed: a process id, or a name such as node"),
            (
                ["/usr/bin/node"],
                "PID|NAME: '/usr/bin/node' is not the name of a program; allowed: a name without its folder, such as node"
            ),
            (["--all", "node"], "--all: contradicts the processes that are named: give one of the two"),
            (["--netns", "web"], "--netns: 'web' is not a process id"),
            (["--port", "http"], "--port: 'http' is not a port; allowed: 1 to 65535"),
            (["--host", "a b"], "--host: 'a b' is not a host name"),
            (["--host", "a:80", "--port", "81"], "--port: contradicts the port of --host: give one of the two"),
            (["--name", "api"], "--name: 'api' has no port; allowed: api.internal:443, pay.test:8080"),
            (
                ["--name", "10.0.0.1:80"],
                "--name: '10.0.0.1:80' is an address, which has no other name to be looked up; allowed:"
                    + " api.internal:443, pay.test:8080"
            ),
            (["--duration", "0s"], "--duration: must be above zero"),
            (["--duration", "5"], "--duration: '5' has no unit; allowed: 250us, 20ms, 1.5s, 2m, 1h"),
            (
                ["--interval", "1s"],
                "--interval: is for a report: say which with --format; allowed: text, json, ndjson"
            ),
            (["--quiet"], "--quiet: is for a report: say which with --format; allowed: text, json, ndjson"),
            (["--check", "speed > 1"], "--check: unknown metric 'speed'; allowed: \(MetricName.known)"),
            (["--record", "-"], "--record: has to be a file, not standard output"),
        ])
    func badInput(arguments: [String], line: String) {
        #expect(problem(arguments) == line)
    }
}
