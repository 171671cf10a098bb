import Foundation
import TestSupport
import Testing

@testable import Dashboard
@testable import Diagnosis
@testable import PoolModel

/// The screens of `pooltop` with one sick downstream, from a recording of each. `POOLTOP_RECORD_GOLDENS=1` writes them anew:
/// read each one before it is committed.
@Suite("Screens of sick downstreams") struct SickScreenTests {
    private static let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens")

    private static func model(_ name: String, width: Int, height: Int, keys: [Key] = []) async throws -> Model {
        var configuration = Configuration()
        configuration.glyphs = .braille
        var model = Model(configuration: configuration)
        _ = update(&model, .resize(width: width, height: height))
        for snapshot in try await SickRecording.snapshots(of: name) {
            _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        }
        for key in keys { _ = update(&model, .key(key)) }
        return model
    }

    @Test("The screens of a sick downstream equal their golden files", arguments: SickExpectation.all)
    func screens(_ expected: SickExpectation) async throws {
        for (width, height) in [(80, 24), (120, 36), (160, 50)] {
            let model = try await Self.model(expected.name, width: width, height: height)
            try Self.check(model, name: "\(expected.name)_overview_\(width)x\(height)")
        }
        let model = try await Self.model(expected.name, width: 120, height: 36, keys: [.enter])
        try Self.check(model, name: "\(expected.name)_inspect_120x36")
    }

    @Test(
        "The diagnosis of a sick downstream is in its row, in an event, and in the advice",
        arguments: SickExpectation.all)
    func words(_ expected: SickExpectation) async throws {
        let model = try await Self.model(expected.name, width: 160, height: 50)
        let lines = render(model, width: 160, height: 50).plainText().split(separator: "\n")
        #expect(lines.prefix(3).contains { $0.contains(expected.headline) }, "\(lines.prefix(3))")
        if let row = expected.row {
            #expect(lines.contains { $0.contains("!" + expected.name) && $0.contains(row) })
        }
        let main = try #require(model.picture.findings(0).main)
        #expect(main.label == expected.label && main.level == expected.level, "\(main)")
        #expect(main.headline.contains(expected.says) && main.advice.contains(expected.remedy), "\(main.advice)")
        let events = model.picture.events.lines.map(\.text)
        #expect(events.count { $0.contains(expected.event ?? expected.says) } == 1, "\(events)")
    }

    private static func check(_ model: Model, name: String) throws {
        let text = render(model, width: model.width, height: model.height).goldenText()
        let file = goldens.appendingPathComponent(name + ".txt")
        if ProcessInfo.processInfo.environment["POOLTOP_RECORD_GOLDENS"] == "1" {
            try FileManager.default.createDirectory(at: goldens, withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        guard golden != text else { return }
        let pairs = zip(golden.components(separatedBy: "\n"), text.components(separatedBy: "\n"))
        let first = pairs.enumerated().first { $0.element.0 != $0.element.1 }
        Issue.record(
            """
            \(name) differs, first in line \(first.map { $0.offset + 1 } ?? 0):
            golden: \(first?.element.0 ?? "(length)")
            drawn:  \(first?.element.1 ?? "(length)")
            """)
    }
}
