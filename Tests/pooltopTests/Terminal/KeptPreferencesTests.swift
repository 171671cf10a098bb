import Dashboard
import Foundation
import Testing

@testable import SessionConfig
@testable import TerminalUI
@testable import pooltop

@Suite("Preferences on disk")
struct KeptPreferencesTests {
    private let home: TemporaryFile
    private let folder: String

    init() throws {
        home = try TemporaryFile("")
        folder = "\(home.folder)/config/pooltop"
        try FileManager.default.createDirectory(atPath: folder + "/themes", withIntermediateDirectories: true)
    }

    private func load(_ screen: ScreenPlan = ScreenPlan()) -> KeptPreferences {
        KeptPreferences.load(screen) { [home] name in
            name == "XDG_CONFIG_HOME" ? home.folder + "/config" : name == "HOME" ? home.folder : nil
        }
    }

    private func write(_ text: String, _ name: String) throws {
        try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
    }

    @Test("What was chosen is written so that only its owner can read it, and is there the next time")
    func roundTrip() throws {
        let first = load()
        #expect(first.preferences == Preferences() && first.problems.isEmpty)
        first.save(first.preferences)
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/preferences"), "nothing was chosen")
        let (chosen, _) = Preferences.read("theme = light\nwindow = 15\n")
        first.save(chosen)
        let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/preferences")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(load().preferences == chosen)
        #expect(load().theme(ScreenPlan()) == "light")
        #expect(load().theme(ScreenPlan(theme: .dark)) == "dark", "an option wins")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["preferences", "themes"])
    }

    @Test("Nothing is read or written with --no-preferences")
    func off() throws {
        try write("theme = light\n", "preferences")
        var plan = ScreenPlan()
        plan.keepsPreferences = false
        let kept = load(plan)
        #expect(kept.path == nil && kept.preferences == Preferences())
        kept.save(Preferences.read("theme = dark").preferences)
        #expect(load().preferences.theme == "light")
    }

    @Test("Folders that are not there are made; a HOME that is no path is left alone")
    func folders() throws {
        try FileManager.default.removeItem(atPath: "\(home.folder)/config")
        load().save(Preferences.read("theme = dark").preferences)
        #expect(load().preferences.theme == "dark")
        #expect(KeptPreferences.load(ScreenPlan()) { _ in nil }.path == nil)
        #expect(KeptPreferences.load(ScreenPlan()) { $0 == "HOME" ? "~" : nil }.path == nil)
        let relative = KeptPreferences.load(ScreenPlan()) { [home] in $0 == "HOME" ? home.folder : "config" }
        #expect(relative.path == "\(home.folder)/.config/pooltop/preferences")
    }

    @Test("Themes of one's own have names, and what is wrong is told in one line")
    func themes() throws {
        try write("demand = 80\nfresh = nope\n", "themes/night")
        try write("demand = 1\n", "themes/dark")
        try write("demand = 1\n", "themes/.hidden")
        try write("theme = night\nclour = 3\n", "preferences")
        let kept = load()
        #expect(kept.themes.keys.sorted() == ["night"])
        #expect(kept.themes["night"]?.inks[.demand]?.color == 80)
        #expect(kept.theme(ScreenPlan()) == "night")
        #expect(kept.problems.count == 3, "\(kept.problems)")
        let slot = SnapshotSlot()
        kept.tell(slot)
        let notices = slot.take().notices
        #expect(
            notices.count == 1 && notices[0].hasPrefix("preferences: line 2: ") && notices[0].hasSuffix("(and 2 more)"))
        let options = TerminalOptions(ScreenPlan(), kept)
        #expect(options.userTheme == "night" && options.theme == .auto)
    }

    @Test("A theme of one's own is asked for by name, and has to be there and without a fault")
    func themeByName() throws {
        try write("demand = 80\n", "themes/night")
        try write("demand = 80\nfresh = nope\nclour = 3\n", "themes/draft")
        func error(_ name: String) -> String? {
            do throws(CommandLineError) {
                try load().check(Sourced(ScreenPlan.Theme(name: name), from: .option("--theme")))
                return nil
            } catch { return error.message }
        }
        #expect(error("night") == nil && error("mono") == nil)
        #expect(load().theme(ScreenPlan(theme: .init(name: "night"))) == "night")
        #expect(TerminalOptions(ScreenPlan(theme: .init(name: "night")), load()).userTheme == "night")
        #expect(error("nigth") == "--theme: unknown theme 'nigth'; did you mean 'night'?")
        let draft = try #require(error("draft"))
        #expect(
            draft.hasPrefix("--theme: theme draft: line 2: 'nope' is no colour") && draft.hasSuffix(" (and 1 more)"))
    }

    @Test("No file is too odd: a folder, a pipe, one that is too large, bytes that are no text")
    func oddFiles() throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/preferences", withIntermediateDirectories: true)
        #expect(load().problems == ["preferences: it is no file"])
        try FileManager.default.removeItem(atPath: "\(folder)/preferences")
        #expect(mkfifo("\(folder)/preferences", 0o600) == 0)
        #expect(load().problems == ["preferences: it is no file"])
        try FileManager.default.removeItem(atPath: "\(folder)/preferences")
        try write(String(repeating: "# x\n", count: 20_000), "preferences")
        #expect(load().problems == ["preferences: it is larger than 64 KiB"])
        try Data([0xFF, 0xFE, 0x0A, 0x00]).write(to: URL(fileURLWithPath: "\(folder)/preferences"))
        #expect(load().problems.allSatisfy { $0.hasPrefix("preferences: line ") })
    }
}
