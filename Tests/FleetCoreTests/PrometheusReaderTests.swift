import Foundation
import MetricsText
import PoolModel
import TestSupport
import Testing

@testable import FleetCore

@Suite("Reading answers of Prometheus") struct PrometheusReaderTests {
    private static func read(
        _ text: String, status: Int = 200, limits: PrometheusReader.Limits = .init()
    ) throws(PrometheusFailure) -> PrometheusAnswer {
        try PrometheusReader.read(Array(text.utf8)[...], status: status, limits: limits)
    }

    private static func vector(_ value: String) -> String {
        #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"job":"a"},"value":[1.5,\#(value)]}]}}"#
    }

    @Test("A vector has labels, a time and a value for each series")
    func vector() throws {
        let answer = try Self.read(Self.vector(#""0.25""#))
        let point = PrometheusAnswer.Point(time: 1.5, value: 0.25)
        #expect(answer.result == .vector([.init(labels: [.init(name: "job", value: "a")], points: [point])]))
        #expect(answer.warnings.isEmpty && !answer.isTruncated && answer.skipped == 0)
    }

    @Test("Infinity and what is no number are values with which nothing is counted")
    func notFinite() throws {
        for text in ["NaN", "+Inf", "-Inf"] {
            let point = try #require(Self.read(Self.vector("\"\(text)\"")).series.first?.points.first)
            #expect(!point.value.isFinite && point.finite == nil)
        }
    }

    @Test("A matrix, a scalar, values of a label and series are read")
    func others() throws {
        let matrix = try Self.read(
            #"""
            {"status":"success","data":{"resultType":"matrix","result":[
              {"metric":{},"values":[[1,"1"],[2.5,"NaN"],[3,"2"]]},{"metric":{"a":"b"},"values":[]}]}}
            """#)
        #expect(matrix.series.count == 1 && matrix.series[0].points.map(\.time) == [1, 2.5, 3] && matrix.skipped == 1)
        let scalar = try Self.read(#"{"status":"success","data":{"resultType":"scalar","result":[7,"8"]}}"#)
        #expect(scalar.series.map(\.points) == [[.init(time: 7, value: 8)]])
        #expect(try Self.read(#"{"status":"success","data":["up","x"]}"#).result == .names(["up", "x"]))
        #expect(try Self.read(#"{"status":"success","data":[]}"#).result == .names([]))
        let series = try Self.read(#"{"status":"success","data":[{"__name__":"up","job":"a"},{}]}"#)
        let labels = [MetricSample.Label(name: "__name__", value: "up"), .init(name: "job", value: "a")]
        #expect(series.result == .labels([labels, []]))
    }

    @Test("Warnings come with the answer")
    func warnings() throws {
        let answer = try Self.read(
            #"{"status":"success","data":[],"warnings":["slow store",3],"infos":["not a counter"]}"#)
        #expect(answer.warnings == ["slow store", "not a counter"])
        let many = (0..<100).map { "\"\($0)\"" }.joined(separator: ",")
        #expect(try Self.read(#"{"status":"success","data":[],"warnings":[\#(many)]}"#).warnings.count == 10)
    }

    @Test("Prometheus's own errors are told in its words, whatever the status is")
    func errors() {
        let text = #"{"status":"error","errorType":"bad_data","error":"parse error: unexpected end"}"#
        for status in [200, 400, 422, 503] {
            #expect(throws: PrometheusFailure.refused(type: "bad_data", message: "parse error: unexpected end")) {
                try Self.read(text, status: status)
            }
        }
        #expect(throws: PrometheusFailure.refused(type: "error", message: "")) { try Self.read(#"{"status":"error"}"#) }
        let long = String(repeating: "é", count: 5000)
        let failure = #expect(throws: PrometheusFailure.self) {
            try Self.read("{\"status\":\"error\",\"error\":\"\(long)\"}")
        }
        if case .refused(_, let message) = failure { #expect(message.utf8.count <= 514) }
    }

    @Test("Credentials that are not accepted are a failure of their own")
    func credentials() {
        for status in [401, 403, 407] {
            #expect(throws: PrometheusFailure.unauthorized(status)) { try Self.read("<html>", status: status) }
        }
    }

    @Test(
        "What is not the API's is refused",
        arguments: [
            "", "<html><body>login</body></html>", "404 page not found", "[]", "{}", "null", "{\"status\":\"success\"}",
            #"{"status":"success","data":{}}"#, #"{"status":"success","data":{"resultType":"vector"}}"#,
            #"{"status":"success","data":{"resultType":"string","result":[1,"a"]}}"#, #"{"status":7,"data":[]}"#,
            #"{"status":"success","data":[]"#, "\u{0}",
        ])
    func nonsense(_ text: String) {
        let failure = #expect(throws: PrometheusFailure.self) { try Self.read(text) }
        if case .notPrometheus = failure {} else { Issue.record("\(String(describing: failure))") }
        #expect(throws: PrometheusFailure.status(502)) { try Self.read(text, status: 502) }
    }

    @Test(
        "An element that is nonsense is skipped, and the others are read",
        arguments: [
            #"{"metric":{"a":1},"value":[1,"1"]}"#, #"{"metric":[],"value":[1,"1"]}"#, #"{"value":[1,"1"]}"#,
            #"{"metric":{}}"#, #"{"metric":{},"value":[1,1]}"#, #"{"metric":{},"value":["1","1"]}"#,
            #"{"metric":{},"value":[1,"one"]}"#, #"{"metric":{},"value":[1]}"#, "7", "null",
            #"{"metric":{},"histogram":[1,{"count":"2","sum":"3"}]}"#,
        ])
    func skipped(_ element: String) throws {
        let answer = try Self.read(
            #"""
            {"status":"success","data":{"resultType":"vector","result":[\#(element),{"metric":{},"value":[1,"5"]}]}}
            """#)
        #expect(answer.series.map { $0.points.map(\.value) } == [[5]] && answer.skipped == 1)
    }

    @Test("Limits bound what is read, and say so")
    func limits() throws {
        var limits = PrometheusReader.Limits()
        limits.bytes = 100
        #expect(throws: PrometheusFailure.tooLarge(limit: 100)) {
            try Self.read(String(repeating: " ", count: 101), limits: limits)
        }
        let many = "[" + String(repeating: "1,", count: 1_000_000) + "1]"
        #expect(throws: PrometheusFailure.tooMany(limit: 1_000_000)) { try Self.read(many) }
        limits = PrometheusReader.Limits()
        (limits.series, limits.names, limits.points, limits.labels) = (3, 2, 5, 4)
        let row = #"{"metric":{"job":"a"},"values":[[1,"1"],[2,"2"],[3,"3"]]}"#
        let rows = Array(repeating: row, count: 4).joined(separator: ",")
        let matrix = try Self.read(
            #"{"status":"success","data":{"resultType":"matrix","result":[\#(rows)]}}"#, limits: limits)
        #expect(matrix.isTruncated && matrix.series.map(\.points.count) == [3, 2])
        let names = try Self.read(#"{"status":"success","data":["a","b","c"]}"#, limits: limits)
        #expect(names.isTruncated && names.result == .names(["a", "b"]))
        let labels = (0..<5).map { "\"l\($0)\":\"\"" }.joined(separator: ",")
        let wide = try Self.read(
            #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{\#(labels)},"value":[1,"1"]}]}}"#,
            limits: limits)
        #expect(wide.series.isEmpty && wide.skipped == 1)
    }

    @Test("Answers that were broken on the way never trap")
    func mutations() throws {
        let tape = try FleetTape.recorded()
        var generator = SplitMix64(seed: 3)
        var refused = 0
        for answer in tape.answers.prefix(30) {
            for _ in 0..<25 {
                var bytes = Array(answer.body.utf8.prefix(1500))
                for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                    case 1: bytes.remove(at: place)
                    default: bytes.insert(UInt8(ascii: "\""), at: place)
                    }
                }
                do { _ = try PrometheusReader.read(bytes[...]) } catch { refused += 1 }
            }
        }
        #expect(refused > 100)
    }

    @Test("Every failure has a label and a sentence that is safe to print")
    func sentences() {
        let failures: [PrometheusFailure] = [
            .unreachable("connect\u{1B}[31m refused"), .status(502), .unauthorized(401), .tooLarge(limit: 1 << 20),

            .notPrometheus("<b>\u{202E}"), .refused(type: "bad_data", message: "no\nway"),
        ]
        #expect(Set(failures.map(\.label)).count == failures.count)
        #expect(PrometheusFailure.tooMany(limit: 1_000_000).sentence.contains("1,000,000 values"))
        for failure in failures {
            let unsafe = failure.sentence.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E }
            #expect(!unsafe && failure.sentence.count > 15 && !failure.sentence.hasSuffix("."))
        }
    }
}
