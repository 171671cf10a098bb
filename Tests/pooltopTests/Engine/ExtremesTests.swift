import Foundation
import TestSupport
import Testing

/// Numbers at their ends: each run ends at its duration or after its requests, and none traps.
@Suite(.serialized) struct ExtremesTests {
    /// Built beside the tests.
    private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("pooltop").path
    /// Almost the longest time that 64 bits of nanoseconds hold: 292 years.
    private static let long = "2562047h"

    /// The exit status, 124 where it had not ended after two minutes. They want every core, and give way to the tests
    /// beside them.
    private func status(_ arguments: String) async throws -> String {
        let script = "nice -n 19 timeout -k 1 120 \"$0\" \(arguments) >/dev/null 2>&1; echo $?"
        return try await ChildProcess.output(of: "/bin/sh", ["-c", script, Self.program]).trimmingCharacters(
            in: .whitespacesAndNewlines)
    }

    @Test(
        "A load that no loop can sustain ends at its duration",
        arguments: [
            "run --rate 30M/s --duration 300ms", "run -c 300000 --duration 300ms",
            """
            run --rate 0.0001/s --arrivals poisson --at 100ms:rate=30M --at 200ms:rate=0 --at 250ms:rate=30M \
            --duration 400ms
            """,
            """
            run --plan 1ns@30M,1ns@0.0001,1ns@0~30M,200ms@0.0001~1000 \
            $(for i in $(seq 200); do echo --at every:1ms:keepAlive=toggle; done)
            """,
        ])
    func loads(arguments: String) async throws { #expect(try await status(arguments) == "0") }

    @Test(
        "The longest times and the largest counts neither overflow nor delay the end",
        arguments: [
            "run -n 9223372036854775806 --duration 200ms --loops 3",
            """
            run -n 50 --duration \(long) --at 2562046h:keepAlive=off --at every:2562046h:keepAlive=toggle \
            --interval \(long) --format ndjson --keep-alive 1:9223372036854775807 --loops 3 \
            --idle-timeout \(long) --max-lifetime \(long) --queue-timeout \(long) --connect-timeout \(long) \
            --timeout \(long) --dns-max-ttl \(long) --set dnsMinTTL=\(long) --set dnsStale=\(long) --set lifetimeJitter=1 \
            --set firstByteTimeout=\(long) --set tlsTimeout=\(long) --set dnsTimeout=\(long) \
            --max-requests-per-connection 9223372036854775807
            """,
            """
            run -n 50 --idle-timeout 1ns --max-lifetime 1ns --queue-timeout 1ns --connect-timeout 1ns --timeout 1ns \
            --dns-max-ttl 1s --set firstByteTimeout=1ns --set tlsTimeout=1ns --set dnsTimeout=1ns
            """,
        ])
    func times(arguments: String) async throws { #expect(try await status(arguments) == "0") }

    @Test("Requests that fail at once, however many, leave the loop time for connections")
    func failuresAtOnce() async throws {
        // During the load, because what waits when it ends is answered in any case. The run ends with its reader.
        let script = """
            timeout -k 1 120 "$0" run -c 20000 --queue-limit 16 --duration 100s --interval 200ms --format ndjson |
            grep -m 1 -c '"succeeded":[1-9]'
            """
        let lines = try await ChildProcess.output(of: "/bin/sh", ["-c", script, Self.program])
        #expect(lines == "1\n")
    }

    @Test("A signal ends a run that would take centuries")
    func signals() async throws {
        for arguments in [
            "run --warm-up \(Self.long) --plan \(Self.long)@1~100M",
            "compare --window \(Self.long) --pairs 1 --rate 50",
        ] {
            let script = "timeout -s INT -k 30 1 \"$0\" \(arguments) >/dev/null 2>&1; echo $?"
            let text = try await ChildProcess.output(of: "/bin/sh", ["-c", script, Self.program])
            #expect(text == "124\n", "\(arguments)")
        }
    }
}
