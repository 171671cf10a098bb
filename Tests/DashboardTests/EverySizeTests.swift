import Foundation
import TestSupport
import Testing

@testable import Dashboard
@testable import PoolModel

/// There is a layout for every size: nothing traps, nothing leaves the frame, and no control byte gets into it.
@Suite(.serialized, .busyCore) struct EverySizeTests {
    /// The views, and what can lie over them.
    static let keys: [[Key]] = [
        [], [.character("2")], [.character("3")], [.character("4")], [.character("?")], [.character("i")],
        [.character("x")], [.character("f")], [.character("e"), .character("e")], [.character("c")],
        [.character("l")], [.character("C")], [.character("/"), .character("z")],
    ]

    /// Lines and menus over the views.
    static let typed: [[Key]] = [
        [.character(":")] + "set max".unicodeScalars.map { .character($0) } + [.tab],
        [.character(":")] + "nonsense @ the end of a long line".unicodeScalars.map { .character($0) } + [.enter],
        [.character("y")], [.character("o")], [.function(2)], [.function(6)], [.right, .character("?")],
        [.left, .left, .left, .character("?"), .down], [.character("3"), .character("/"), .character("k")],
    ]

    @Test("Every small size can be drawn", arguments: keys, GlyphSet.allCases) func small(
        _ keys: [Key], _ glyphs: GlyphSet
    ) {
        let model = Self.model(keys, glyphs)
        for height in 1...13 {
            for width in stride(from: 1, through: 46, by: height < 5 ? 1 : 3) {
                Self.check(model, width, height)
            }
        }
    }

    @Test("Every small size can be drawn while something is typed or chosen", arguments: typed)
    func smallWhileTyping(_ keys: [Key]) { small(keys, .ascii) }

    @Test("Every large size can be drawn", arguments: keys + typed) func large(_ keys: [Key]) {
        let model = Self.model(keys, .braille)
        let sizes = [
            (250, 80), (250, 3), (20, 80), (3, 80), (72, 20), (71, 20), (110, 30), (109, 29), (72, 26), (132, 43),
        ]
        for (width, height) in sizes { Self.check(model, width, height) }
        for width in stride(from: 47, through: 250, by: 47) {
            for height in stride(from: 4, through: 80, by: 17) { Self.check(model, width, height) }
        }
    }

    /// Each view at every width and at every height from 1 to 250 and from 1 to 80, if not at every pair of them:
    /// `POOLTOP_EVERY_SIZE=1` draws all 80,000.
    @Test("Every view can be drawn at every size", arguments: View.allCases) func everySize(_ view: View) {
        let isEvery = ProcessInfo.processInfo.environment["POOLTOP_EVERY_SIZE"] == "1"
        let number = Unicode.Scalar(UInt8(ascii: "0") + UInt8(view.rawValue))
        let model = Self.model([.character(number)], .braille)
        for height in 1...80 {
            // 7 and 80 have no divisor in common: within the 80 heights each width has its turn.
            let first = isEvery ? 1 : 1 + (height * 7 + view.rawValue * 3) % 80
            for width in stride(from: first, through: 250, by: isEvery ? 1 : 80) { Self.check(model, width, height) }
        }
    }

    @Test("Every size can be drawn without data")
    func withoutData() {
        for view in View.allCases {
            var model = Model()
            model.view = view
            for (width, height) in [
                (1, 1), (5, 2), (19, 3), (30, 8), (40, 10), (60, 20), (80, 24), (120, 36), (250, 80),
            ] {
                Self.check(model, width, height)
            }
        }
    }

    @Test("A screen without any cells can be drawn")
    func nothingAtAll() {
        #expect(render(Told.at90.model, width: 0, height: 0).cells.isEmpty)
        #expect(render(Told.at90.model, width: -3, height: 5).cells.isEmpty)
    }

    private static func model(_ keys: [Key], _ glyphs: GlyphSet) -> Model {
        var (model, story) = Told.at90
        model.glyphs = glyphs
        _ = update(&model, .resize(width: 80, height: 24))
        for key in keys { _ = update(&model, .key(key)) }
        story.give(to: &model)
        return model
    }

    static func check(_ model: Model, _ width: Int, _ height: Int) {
        let frame = render(model, width: width, height: height)
        #expect(frame.cells.count == width * height)
        let isClean = frame.cells.allSatisfy { cell in
            let value = cell.scalar.value
            return value >= 0x20 && value != 0x7F && !(0x80..<0xA0).contains(value)
                && (model.glyphs != .ascii || value < 0x7F)
        }
        #expect(isClean, "a control character, or more than ASCII, at \(width)x\(height)")
        let isShown = frame.cells.contains { $0.scalar != " " }
        #expect(isShown, "an empty screen at \(width)x\(height)")
    }
}
