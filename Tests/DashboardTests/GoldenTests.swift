import Foundation
import Testing

@testable import Dashboard
@testable import PoolModel

/// Whole screens, character by character and role by role. `POOLTOP_RECORD_GOLDENS=1` writes them anew: read each one
/// before it is committed.
@Suite struct GoldenTests {
    static let sizes = [(120, 36), (80, 24), (60, 20), (40, 12)]
    static let glyphs = [GlyphSet.braille, .ascii]

    @Test("Every view equals its golden file", arguments: View.ofAgent, glyphs) func view(
        _ view: View, _ glyphs: GlyphSet
    ) throws {
        for (width, height) in Self.sizes {
            let model = Self.model(view: view, glyphs: glyphs, width: width, height: height)
            try Self.check(model, name: "\(view)_\(width)x\(height)_\(Self.name(glyphs))")
        }
    }

    @Test("The help screen equals its golden file", arguments: glyphs) func help(_ glyphs: GlyphSet) throws {
        for (width, height) in Self.sizes {
            var model = Self.model(view: .overview, glyphs: glyphs, width: width, height: height)
            _ = update(&model, .key(.character("?")))
            try Self.check(model, name: "help_\(width)x\(height)_\(Self.name(glyphs))")
        }
    }

    @Test("Views in block glyphs equal their golden files")
    func blockGlyphs() throws {
        let model = Self.model(view: .overview, glyphs: .block, width: 120, height: 36)
        try Self.check(model, name: "overview_120x36_block")
    }

    @Test("The view of a refusing host equals its golden file")
    func refusingHost() throws {
        var (model, story) = Story.played(until: 60)
        story.refusing = [3]
        story.tell(until: 75, to: &model)
        _ = update(&model, .resize(width: 120, height: 36))
        try Self.check(model, name: "refusing_120x36_unicode")
    }

    static func name(_ glyphs: GlyphSet) -> String { glyphs == .ascii ? "ascii" : "unicode" }

    static func model(view: View, glyphs: GlyphSet, width: Int, height: Int) -> Model {
        var (model, story) = Told.at90
        model.glyphs = glyphs
        _ = update(&model, .resize(width: width, height: height))
        for _ in 0..<2 { _ = update(&model, .key(.down)) }
        let number = Unicode.Scalar(UInt8(ascii: "0") + UInt8(view.rawValue))
        _ = update(&model, .key(.character(number)))
        story.give(to: &model)
        return model
    }

    static func check(_ model: Model, name: String) throws {
        let text = render(model, width: model.width, height: model.height).goldenText()
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens")
        let file = folder.appendingPathComponent(name + ".txt")
        if ProcessInfo.processInfo.environment["POOLTOP_RECORD_GOLDENS"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        guard golden != text else { return }
        let pairs = zip(
            golden.split(separator: "\n", omittingEmptySubsequences: false),
            text.split(
                separator: "\n", omittingEmptySubsequences: false))
        let first = pairs.enumerated().first { $0.element.0 != $0.element.1 }
        Issue.record(
            """
            \(name) differs, first in line \(first.map { $0.offset + 1 } ?? 0):
            golden: \(first.map { String($0.element.0) } ?? "(length)")
            drawn:  \(first.map { String($0.element.1) } ?? "(length)")
            """)
    }
}

extension View {
    /// The views that a source of our own has.
    static let ofAgent = allCases.filter { $0 != .processes && $0 != .fleet }
}

/// The story is told once for all tests that only read it.
enum Told {
    static let at90 = Story.played()
    static let at30 = Story.played(until: 30)
}
