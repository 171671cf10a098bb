import Foundation

@testable import FleetCore

/// Answers of a real Prometheus, by the questions, round after round.
struct FleetTape: Codable {
    struct Answer: Codable {
        var round: Int
        var question: String
        var status: Int
        var body: String
    }

    struct Round: Codable {
        /// By our clock.
        var begin: Double
        var end: Double
    }

    var rounds: [Round] = []
    var answers: [Answer] = []

    static let file = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/fleet-tape.json")

    static func recorded() throws -> FleetTape {
        try JSONDecoder().decode(FleetTape.self, from: Data(contentsOf: file))
    }

    func write() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        try encoder.encode(self).write(to: Self.file)
    }

    func answer(to request: FleetRequest, round: Int) -> Answer? {
        let name = Self.name(request.question)
        return answers.first { $0.round == round && $0.question == name }
    }

    /// Without the names of modules, which differ from build to build.
    static func name(_ question: FleetRequest.Question) -> String {
        "\(question)".replacing(/(FleetCore|MetricsText)\./, with: "")
    }

    /// Plays one round into a machine: each request is answered by `body`; nil: nobody answers.
    static func play(
        _ machine: inout FleetMachine, from begin: Double, to end: Double,
        _ body: (FleetRequest) -> (status: Int, body: [UInt8])?
    ) {
        var requests = machine.begin(at: begin)
        while let request = requests.first {
            requests.removeFirst()
            requests += machine.receive(Self.read(body(request)), to: request, at: end)
        }
    }

    static func read(_ answer: (status: Int, body: [UInt8])?) -> Result<PrometheusAnswer, PrometheusFailure> {
        guard let answer else { return .failure(.unreachable("connection refused")) }
        return Result { () throws(PrometheusFailure) in
            try PrometheusReader.read(answer.body[...], status: answer.status)
        }
    }

    /// Plays a recorded round.
    func replay(_ machine: inout FleetMachine, round: Int) {
        Self.play(&machine, from: rounds[round].begin, to: rounds[round].end) { request in
            answer(to: request, round: round).map { ($0.status, Array($0.body.utf8)) }
        }
    }
}
