import AgentCore
import PoolModel
import Testing
import Wording

@testable import PlainDocuments
@testable import SessionConfig

/// The value, or the sentence that says what is wrong.
private func outcome<Value>(_ parse: () throws(TextProblem) -> Value) -> String {
    do { return "\(try parse())" } catch { return error.problem }
}

@Suite struct TextParserTests {
    @Test(
        "Durations are read or refused",
        arguments: [
            ("0", 0), ("250us", 250_000), ("250µs", 250_000), ("20ms", 20_000_000), ("1.5s", 1_500_000_000),
            ("2m", 120_000_000_000), ("1h", 3_600_000_000_000), ("1m30s", 90_000_000_000), ("7ns", 7),
            ("0s", 0), ("0.1s", 100_000_000), ("292y", nil), ("5", nil), ("", nil), ("s", nil), ("-5s", nil),
            ("1s1m", nil), ("1s1s", nil), ("nan", nil), ("inf", nil), ("1e3s", nil), ("1,5s", nil), ("1.s", nil),
            ("99999999h", nil), ("9999999999999999999999999999h", nil), ("99999999999999999999999999999999s", nil),
            ("1s ", nil), (" 1s", nil), ("1S", nil), ("0x1s", nil), ("١s", nil),
        ] as [(String, Int64?)])
    func durations(text: String, nanoseconds: Int64?) {
        #expect((try? DurationText.parse(text)) == nanoseconds.map { Duration.nanoseconds($0) })
    }

    @Test(
        "Invalid durations are refused with a reason",
        arguments: [
            ("5", "'5' has no unit"), ("-5s", "'-5s' is negative"), ("", "'' is not a duration"),
            ("1d", "'1d' is not a duration"), ("99999999h", "'99999999h' is too long"),
        ])
    func durationProblems(text: String, problem: String) {
        #expect(outcome { () throws(TextProblem) in try DurationText.parse(text) } == problem)
    }

    @Test(
        "Written durations can be read back",
        arguments: [
            (Duration.zero, "0s"), (.seconds(90), "90s"), (.seconds(120), "2m"), (.seconds(7200), "2h"),
            (.milliseconds(1500), "1500ms"), (.microseconds(250), "250us"), (.nanoseconds(7), "7ns"),
        ])
    func durationsAreWrittenAsTheyAreRead(duration: Duration, text: String) throws {
        #expect(DurationText.format(duration) == text)
        #expect(try DurationText.parse(text) == duration)
    }

    @Test(
        "Counts are read or refused",
        arguments: [
            ("1", 1), ("64", 64), ("10k", 10_000), ("1.5M", 1_500_000), ("1K", 1000), ("0.001k", 1), ("0", nil),
            ("-1", nil), ("1.5", nil), ("0.0001k", nil), ("", nil), ("k", nil), ("ten", nil), ("NaN", nil),
            ("9223372036854775807", Int.max), ("9223372036854775808", nil), ("99999999999999999M", nil), ("1 000", nil),
        ] as [(String, Int?)])
    func counts(text: String, count: Int?) {
        #expect((try? CountText.parse(text, in: 1...Int.max)) == count)
    }

    @Test(
        "Invalid counts are refused with a reason",
        arguments: [
            ("-1", "'-1' is out of range"), ("101", "'101' is out of range"), ("1.5", "'1.5' is not a whole number"),
            ("x", "'x' is not a count"),
        ])
    func countProblems(text: String, problem: String) {
        #expect(outcome { () throws(TextProblem) in try CountText.parse(text, in: 1...100) } == problem)
    }

    @Test(
        "Rates are read or refused",
        arguments: [
            ("50", 50), ("50/s", 50), ("0.5/s", 0.5), ("200k/min", 200_000.0 / 60), ("200000/min", 200_000.0 / 60),
            ("1M", 1_000_000), ("3600/h", 1), ("0", 0), ("-1", nil), ("", nil), ("/s", nil), ("1/d", nil),
            ("nan", nil), ("inf", nil), ("1e9", nil), ("101M/s", nil), ("0.00001/s", nil), ("1/s/s", nil),
        ] as [(String, Double?)])
    func rates(text: String, perSecond: Double?) {
        #expect((try? RateText.parse(text)) == perSecond)
    }

    @Test(
        "Written rates can be read back",
        arguments: [50, 0.5, 200_000.0 / 60, 1.0 / 3, 1.0 / 3600, 12345.678, 1e8, 0, 0.1, 1.0 / 7])
    func ratesAreWrittenAsTheyAreRead(perSecond: Double) throws {
        #expect(try RateText.parse(RateText.format(perSecond)) == perSecond)
    }

    @Test(
        "Shares are read or refused",
        arguments: [
            ("0.2", 0.2), ("20%", 0.2), ("0", 0), ("100%", 1), ("1.1", nil), ("101%", nil), ("x", nil), ("-1", nil),
        ]
            as [(String, Double?)])
    func shares(text: String, share: Double?) {
        #expect((try? ShareText.parse(text)) == share)
    }

    @Test(
        "Keep-alive policies are read or refused",
        arguments: [
            ("on", .on), ("off", .off), ("true", .on), ("false", .off), ("100", .exchanges(100...100)),
            ("100:200", .exchanges(100...200)), ("1k", .exchanges(1000...1000)), ("0", nil), ("200:100", nil),
            ("1:2:3", nil), (":", nil), ("", nil), ("yes", nil), ("-1", nil),
        ] as [(String, KeepAlivePolicy?)])
    func keepAlivePolicies(text: String, policy: KeepAlivePolicy?) throws {
        #expect((try? KeepAliveText.parse(text)) == policy)
        if let policy { #expect(try KeepAliveText.parse(KeepAliveText.format(policy)) == policy) }
    }

    @Test(
        "Load plans are read",
        arguments: [
            ("30s@50", "30s@50/s"), ("30s@50,1m@200", "30s@50/s,1m@200/s"), ("1m@50~200", "1m@50/s~200/s"),
            ("30s@50,10s@~200", "30s@50/s,10s@50/s~200/s"), ("30s@50~1m@200", "30s@50/s,1m@50/s~200/s"),
            ("10s@0,10s@1k/min", "10s@0/s,10s@1000/min"), ("1s@1~2~3s@4", "1s@1/s~2/s,3s@2/s~4/s"),
        ])
    func plans(text: String, written: String) throws {
        let steps = try RatePlanText.parse(text)
        #expect(RatePlanText.format(steps) == written)
        #expect(try RatePlanText.parse(written) == steps)
    }

    @Test(
        "Invalid load plans are refused with a reason",
        arguments: [
            ("", "'' is not a plan"), ("30s", "'30s' is not a plan"), ("30s@", "'' is not a rate"),
            ("@50", "'' is not a duration"), ("0s@50", "'0s@50' has a step of no length"),
            ("30s@~50", "'30s@~50' ramps from nowhere: no step comes before its first"),
            ("30s@0", "'30s@0' plans no request"), ("30s@50,", "'30s@50,' is not a plan"),
            ("30@50", "'30' has no unit"),
        ])
    func planProblems(text: String, problem: String) {
        #expect(outcome { () throws(TextProblem) in try RatePlanText.parse(text) } == problem)
    }

    @Test(
        "The nearest known name is suggested",
        arguments: [
            ("maxSokets", "maxSockets"), ("keepalive", "keepAlive"), ("idelTimeout", "idleTimeout"),
        ])
    func nearestNames(text: String, nearest: String) {
        #expect(nearestWord(text, among: AgentSetting.allCases.map(\.name)) == nearest)
    }

    @Test("A name that is too different gets no suggestion")
    func farNamesHaveNoNearest() {
        #expect(nearestWord("zzzzzz", among: AgentSetting.allCases.map(\.name)) == nil)
    }
}
