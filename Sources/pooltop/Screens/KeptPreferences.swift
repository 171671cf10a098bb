import Dashboard
import Glibc
import PlainDocuments
import Reporting
import SessionConfig
import TerminalUI
import Wording

/// The choices made in the screen the last time, and themes of the person's own: files in `$XDG_CONFIG_HOME/pooltop`.
///
/// Nothing that is wrong with them keeps the screen from coming up. It is said in one line there, and the rest counts.
struct KeptPreferences {
    /// The file; nil: nothing is read or kept.
    private(set) var path: String?
    private(set) var preferences = Preferences()
    private(set) var themes: [String: UserTheme] = [:]
    /// The faults that were found, in the order in which it was found.
    private(set) var problems: [String] = []

    private static let mostThemes = 64

    static func load(
        _ screen: ScreenPlan, environment: (String) -> String? = TerminalOptions.processEnvironment
    ) -> KeptPreferences {
        var kept = KeptPreferences()
        guard screen.keepsPreferences, let folder = folder(environment) else { return kept }
        kept.path = "\(folder)/preferences"
        if let text = kept.read("\(folder)/preferences", name: "preferences", most: Preferences.longestText) {
            let (preferences, problems) = Preferences.read(text)
            kept.preferences = preferences
            kept.note("preferences", problems)
        }
        kept.readThemes("\(folder)/themes")
        if let name = kept.preferences.theme, kept.themes[name] == nil, ThemeChoice(rawValue: name) == nil {
            kept.note("preferences", ["there is no theme '\(name)' any more"])
        }
        return kept
    }

    /// `$XDG_CONFIG_HOME/pooltop`, else `~/.config/pooltop`. A path that is not absolute is to be ignored.
    private static func folder(_ environment: (String) -> String?) -> String? {
        if let folder = environment("XDG_CONFIG_HOME"), folder.hasPrefix("/") { return folder + "/pooltop" }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        return home + "/.config/pooltop"
    }

    /// Nil where there is no such file, and where it cannot be read.
    private mutating func read(_ path: String, name: String, most: Int) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno != ENOENT { note(name, [String(cString: strerror(errno))]) }
            return nil
        }
        // A pipe would hold the screen back for ever.
        guard status.st_mode & S_IFMT == S_IFREG else {
            note(name, ["it is no file"])
            return nil
        }
        guard Int(status.st_size) <= most else {
            note(name, ["it is larger than \(most / 1024) KiB"])
            return nil
        }
        do throws(TextProblem) {
            return String(decoding: try FileText.bytes(of: path, most: most), as: UTF8.self)
        } catch {
            note(name, [error.problem])
            return nil
        }
    }

    private mutating func readThemes(_ folder: String) {
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if UserTheme.isName(name) { names.append(name) }
        }
        for name in names.sorted().prefix(Self.mostThemes) {
            guard ThemeChoice(rawValue: name) == nil else {
                note("theme \(name)", ["a built-in theme has this name"])
                continue
            }
            guard let text = read("\(folder)/\(name)", name: "theme \(name)", most: UserTheme.longestText) else {
                continue
            }
            let (theme, problems) = UserTheme.read(text)
            themes[name] = theme
            note("theme \(name)", problems)
        }
    }

    private mutating func note(_ file: String, _ new: [String]) { problems += new.map { "\(file): \($0)" } }

    /// The theme that the screen begins with: the one that was asked for, else the one that was chosen the last time.
    func theme(_ screen: ScreenPlan) -> String {
        if screen.isThemeGiven { return screen.theme.name }
        guard let name = preferences.theme, themes[name] != nil || ThemeChoice(rawValue: name) != nil else {
            return screen.theme.name
        }
        return name
    }

    /// - Throws: the theme that was asked for is not there, or something is wrong with it.
    func check(_ theme: Sourced<ScreenPlan.Theme>) throws(CommandLineError) {
        guard !theme.value.isBuiltIn else { return }
        let ofTheme = problems.filter { $0.hasPrefix("theme \(theme.value.name): ") }
        if let problem = Self.line(ofTheme) { throw theme.source.error(problem) }
        guard themes[theme.value.name] == nil else { return }
        throw theme.source.error(ThemeText.unknown(theme.value, own: themes.keys.sorted()))
    }

    /// One line on the screen for all that was wrong.
    func tell(_ slot: SnapshotSlot) {
        if let line = Self.line(problems) { slot.post(notice: line) }
    }

    /// Nil: nothing was wrong.
    private static func line(_ problems: [String]) -> String? {
        problems.first.map { visibleText($0) + (problems.count > 1 ? " (and \(problems.count - 1) more)" : "") }
    }

    /// Writes what was chosen, if anything was. A file that cannot be written is one line on standard error: the screen has
    /// come down by then.
    func save(_ chosen: Preferences) {
        guard let path, chosen != preferences else { return }
        let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
        for folder in [String(folder.prefix(upTo: folder.lastIndex(of: "/") ?? folder.startIndex)), folder] {
            _ = mkdir(folder, 0o700)
        }
        do throws(CommandLineError) {
            let file = try ReportFile(path: path, option: "keeping preferences")
            do throws(CommandLineError) { try file.write(chosen.text) } catch {
                file.abandon()
                throw error
            }
            try file.finish()
        } catch {
            StandardStreams.writeError("pooltop: \(error.message)\n")
        }
    }
}
