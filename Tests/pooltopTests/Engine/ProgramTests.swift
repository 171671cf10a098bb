import Foundation
import Glibc
import TestSupport
import Testing

/// The program itself, as a shell starts it.
@Suite struct ProgramTests {
    /// Built beside the tests.
    private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("pooltop").path

    /// All that a script printed, in which `"$0"` is the program.
    private func shell(_ script: String) async throws -> String {
        try await ChildProcess.output(of: "/bin/sh", ["-c", script, Self.program])
    }

    @Test(
        "A closed output is an error and nothing worse",
        arguments: [
            "--help", "run --print-config", "downstreams", "run -n 1 --quiet", "run -n 1 --format ndjson",
            "probe --max-wait 0",
        ])
    func aClosedOutputIsAnErrorAndNothingElse(arguments: String) async throws {
        let text = try await shell(#""$0" \#(arguments) >&-; echo status $?"#)
        #expect(text == "pooltop: cannot write to standard output: Bad file descriptor\nstatus 1\n")
    }

    @Test("The program ends normally without any standard stream")
    func withoutAnyStreamItEndsAsWell() async throws {
        #expect(try await shell(#""$0" run -n 1 <&- >&- 2>&-; echo status $?"#) == "status 1\n")
    }

    /// A loop that cannot have its descriptors would end the process with a trace.
    @Test(
        "Too few descriptors are an error that says how many are needed",
        arguments: ["run -n 1", "downstreams", "probe"])
    func tooFewDescriptorsAreAnErrorThatSaysHowMany(arguments: String) async throws {
        let text = try await shell(#"ulimit -n 20; "$0" \#(arguments) 2>&1; echo status $?"#)
        #expect(
            text == "pooltop: the limit of open files is 20; at least 72 are needed (ulimit -n 72)\nstatus 1\n")
    }

    /// The reader is gone before the second line is written: it ends at once, and does not wait for its hour to pass.
    @Test("A reader that goes away ends the run")
    func aReaderThatGoesAwayEndsTheRun() async throws {
        let script = #"""
            { "$0" run --rate 100 --duration 1h --format ndjson --interval 10ms; echo status $? >&2; } | head -n 1
            """#
        let text = try await shell(script)
        #expect(text.contains(#"{"schema":"pooltop.snapshot/1""#))
        #expect(text.hasSuffix("status 141\n") && !text.contains("pooltop:"))
    }

    /// SIGSTOP comes to a program as it runs, and nobody tells it afterwards.
    @Test("A run that was stopped reports it, and the missed requests were planned and not sent")
    func aStoppedRun() async throws {
        let output = try TemporaryFile("")
        // It is stopped when the first interval has been written, so while the load is on.
        let script = #"""
            "$0" run --rate 200 --duration 9s --format ndjson --interval 100ms > '\#(output.path)' 2>&1 & run=$!
            until [ -s '\#(output.path)' ]; do sleep 0.02; done
            kill -STOP $run; sleep 2.5; kill -CONT $run; wait $run; tail -n 1 '\#(output.path)'
            """#
        let report = try await shell(script)
        let summary = try #require(
            try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any], "\(report)")
        let gaps = try #require(summary["gaps"] as? [[String: Any]], "\(report)")
        let longest = try #require(gaps.max { $0["seconds"] as? Double ?? 0 < $1["seconds"] as? Double ?? 0 })
        let missed = gaps.reduce(0) { $0 + ($1["missed"] as? Int ?? 0) }
        #expect(longest["seconds"] as? Double ?? 0 > 2 && missed > 300)
        let totals = try #require(summary["totals"] as? [String: Any])
        let requests = try #require(totals["requests"] as? [String: Any])
        #expect(try #require(requests["planned"] as? Int) == missed + (try #require(requests["started"] as? Int)))
    }

    /// The agent's counts must equal those of a downstream in a separate process.
    @Test("A separate downstreams process has the same counts")
    func aSeparateDownstreamCountsTheSame() async throws {
        let file = try TemporaryFile("")
        let output = open(file.path, O_WRONLY | O_CLOEXEC)
        let downstreams = try ChildProcess(
            Self.program, ["downstreams", "--format", "json", "--seed", "1"], output: output)
        close(output)
        do {
            let place = try await endpoints(file.path)
            let authority = try TemporaryFile(try #require(place["certificateAuthority"] as? String))
            let targets = try #require(place["downstreams"] as? [[String: String]])
            var arguments = ["run", "--dns-server", try #require(place["dns"] as? String), "--ca-file", authority.path]
            arguments += targets.map { "\($0["name"] ?? "")=\($0["url"] ?? "")" }
            arguments += ["--rate", "1000", "-n", "700", "--at", "every:10ms:keepAlive=toggle", "--format", "json"]
            let report = try await ChildProcess.output(of: Self.program, arguments)
            let summary = try #require(
                try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any], "\(report)")
            for host in try #require(summary["hosts"] as? [[String: Any]]) {
                let target = try #require(targets.first { $0["name"] == host["name"] as? String })
                // Queries only those that speak plain HTTP.
                guard let url = target["url"], url.hasPrefix("http:"), let address = target["address"] else { continue }
                let requests = try #require(host["requests"] as? [String: Any])
                let exchanges = ["onNewConnection", "onReusedConnection"].compactMap { requests[$0] as? Int }
                let connections = try #require(host["connections"] as? [String: Any])
                let opened = try #require(connections["opened"] as? Int)
                // The kernel completes a connection before the server accepts it.
                try await eventually("\(url): all are accepted") {
                    try await self.stats(at: address)["accepted"] ?? 0 >= opened
                }
                let stats = try await stats(at: address)
                #expect(stats["requests"] == exchanges.reduce(0, +))
                #expect(stats["accepted"] == opened)
            }
            let (catalog, path) = (try #require(targets.first?["address"]), "POST /_fault?drain")
            let right = "Authorization: Bearer \(try #require(place["token"] as? String))\r\n"
            #expect(await ask(path, fields: right, at: catalog) == Data("done\n".utf8))
            #expect(await ask(path, at: catalog).starts(with: Data("wants Authorization".utf8)))
        } catch {
            await downstreams.end()
            throw error
        }
        await downstreams.end()
    }

    private func endpoints(_ path: String) async throws -> [String: Any] {
        while true {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            if text.hasSuffix("\n") {
                return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// The counts of a downstream. The request and its connection are not among them.
    private func stats(at address: String) async throws -> [String: Int] {
        let body = await ask("GET /_stats", at: address)
        let object = try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
        return object.compactMapValues { $0 as? Int }
    }

    /// The body of the answer.
    private func ask(_ what: String, fields: String = "", at address: String) async -> Data {
        await withCheckedContinuation { continuation in
            // Not on a thread of the tests, which must not block.
            Thread.detachNewThread { continuation.resume(returning: Self.ask(what, fields, address)) }
        }
    }

    private static func ask(_ what: String, _ fields: String, _ address: String) -> Data {
        let parts = address.split(separator: ":").map(String.init)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = (UInt16(parts[1]) ?? 0).bigEndian
        inet_pton(AF_INET, parts[0], &place.sin_addr)
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let handle = FileHandle(fileDescriptor: socket, closeOnDealloc: true)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) == 0 }
        }
        let request = "\(what) HTTP/1.1\r\nHost: \(address)\r\n\(fields)Connection: close\r\n\r\n"
        guard isConnected, (try? handle.write(contentsOf: Data(request.utf8))) != nil,
            let answer = try? handle.readToEnd(), let head = answer.firstRange(of: Data("\r\n\r\n".utf8))
        else { return Data() }
        return answer[head.upperBound...]
    }
}
