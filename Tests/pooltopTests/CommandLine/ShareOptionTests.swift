import ArgumentParser
import Testing

@testable import PlainDocuments
@testable import PoolModel
@testable import Recordings
@testable import Reporting
@testable import SessionConfig
@testable import pooltop

/// `--share K/N` of `pooltop run`.
@Suite struct ShareOptionTests {
    private func plan(_ arguments: [String], share: String) throws -> SessionPlan {
        let part = try ShareOptions.parse(["--share", share]).part()
        return try CommonOptions.parse(arguments).plan(defaultDuration: .seconds(10), share: part)
    }

    private func problem(_ arguments: [String], share: String) -> String? {
        do {
            _ = try plan(arguments, share: share)
            return nil
        } catch {
            return (error as? CommandLineError)?.message ?? "\(error)"
        }
    }

    @Test("A share is read, and everything else in the plan is of the whole")
    func shareIsRead() throws {
        let whole = try CommonOptions.parse(["--seed", "3", "-n", "100"]).plan(defaultDuration: .seconds(10))
        var part = try plan(["--seed", "3", "-n", "100"], share: "2/4")
        #expect(part.share == PlanShare(part: 2, of: 4))
        part.share = nil
        #expect(part == whole)
        #expect(try plan(["--seed", "3"], share: "1000/1000").share == PlanShare(part: 1000, of: 1000))
        #expect(try plan(["--seed", "3"], share: "1/1").share == PlanShare(part: 1, of: 1))
    }

    @Test(
        "Something that is no share is one line that says what is allowed",
        arguments: [
            ("x", "'x' is not K/N; allowed: 1/4 for the first of four parts, to 4/4 for the last"),
            ("", "'' is not K/N; allowed: 1/4 for the first of four parts, to 4/4 for the last"),
            ("1/2/3", "'1/2/3' is not K/N; allowed: 1/4 for the first of four parts, to 4/4 for the last"),
            ("1/", "'1/' is not K/N; allowed: 1/4 for the first of four parts, to 4/4 for the last"),
            ("1.5/2", "'1.5/2' is not K/N; allowed: 1/4 for the first of four parts, to 4/4 for the last"),
            (
                "1/99999999999999999999",
                "'1/99999999999999999999' is not K/N; allowed: 1/4 for the first of four parts, to 4/4 for the last"
            ),
            ("2/0", "'2/0' has no parts; allowed: 1/4 for the first of four parts, to 4/4 for the last"),
            ("1/-4", "'1/-4' has no parts; allowed: 1/4 for the first of four parts, to 4/4 for the last"),
            ("0/4", "'0/4' is no part: they count from 1; allowed: 1/4 to 4/4"),
            ("-1/4", "'-1/4' is no part: they count from 1; allowed: 1/4 to 4/4"),
            ("5/4", "'5/4' is no part: they count from 1; allowed: 1/4 to 4/4"),
            ("1/1001", "'1/1001' has more than 1000 parts"),
        ])
    func badShares(text: String, line: String) {
        #expect(problem(["--seed", "1"], share: text) == "--share: \(line)")
    }

    @Test(
        "A plan that parts cannot agree on is one line",
        arguments: [
            ([], "2/4", "--share: needs --seed, the same one for every part"),
            (
                ["--seed", "1", "-c", "3"], "2/4",
                "--concurrency: 4 parts cannot share concurrency 3; allowed: 4 and more"
            ),
            (
                ["--seed", "1", "-c", "7", "--loops", "2"], "2/4",
                "--concurrency: 4 parts of 2 loops each cannot share concurrency 7; allowed: 8 and more"
            ),
            (
                ["--seed", "1", "-c", "8", "--at", "1s:concurrency=3"], "1/4",
                "--at: 4 parts cannot share concurrency 3; allowed: 4 and more"
            ),
        ])
    func disagreement(arguments: [String], share: String, line: String) {
        #expect(problem(arguments, share: share) == line)
    }

    @Test("What parts can just share is no error")
    func justEnough() {
        #expect(problem(["--seed", "1", "-c", "4"], share: "4/4") == nil)
        #expect(problem(["--seed", "1", "-c", "8", "--loops", "2"], share: "4/4") == nil)
        // A loop without a request of its own is not started.
        #expect(problem(["--seed", "1", "-c", "4", "-n", "1", "--loops", "2"], share: "4/4") == nil)
    }

    @Test(
        "Only pooltop run divides its load", arguments: ["monitor", "compare", "probe", "downstreams", "replay x", ""])
    func onlyRunHasIt(command: String) {
        let arguments = command.split(separator: " ").map(String.init) + ["--share", "1/4"]
        do {
            _ = try PooltopCommand.parseAsRoot(arguments)
            Issue.record("it was taken")
        } catch {
            let failure = CommandFailure.of(error, root: PooltopCommand.self, arguments: arguments)
            let name = command.split(separator: " ").first.map { "pooltop \($0)" } ?? "pooltop"
            #expect(
                failure.standardError
                    == "pooltop: unknown option '--share': only pooltop run has it (see \(name) --help)\n")
            #expect(failure.status == 64)
        }
    }

    @Test("Reports and recordings say which part they are of, and that they are of all")
    func reportsSayTheShare() throws {
        var plan = try SnapshotFixture.plan()
        for (share, json) in [(PlanShare(part: 2, of: 4), #"{"part":2,"of":4}"#), (nil, "null")] {
            plan.share = share
            let summary = Summary(plan: plan, first: SnapshotFixture.first, last: SnapshotFixture.last)
            #expect(summary.document["share"]?.line == json)
            let text = TextSummary(summary: summary).text
            #expect(text.contains(", seed 42, share 2/4\n") == (share != nil))
            let header = RecordingHeader(plan: plan, command: "run", startedAt: SnapshotFixture.startedAt)
            #expect(header.document["share"]?.line == json)
            #expect(try RecordingHeader.parse(header.document) == header)
        }
    }

    @Test("A recording of a part that cannot be is refused", arguments: [(0, 4), (5, 4), (1, 0), (1, 1001)])
    func impossibleParts(part: Int, count: Int) throws {
        var plan = try SnapshotFixture.plan()
        plan.share = PlanShare(part: part, of: count)
        let header = RecordingHeader(plan: plan, command: "run", startedAt: SnapshotFixture.startedAt)
        let error = #expect(throws: TextProblem.self) { try RecordingHeader.parse(header.document) }
        #expect(error?.problem == "'share' is no part of a plan: \(part)/\(count)")
    }
}
