import Wording

/// Colours of one's own: a small file with a line for each role that is to look different.
///
/// ```
/// base = dark
/// demand = 80
/// fresh = #d75fd7 bold
/// label = default dim
/// ```
package struct UserTheme: Sendable, Equatable {
    /// The foreground and style of one role.
    package struct Ink: Sendable, Equatable {
        /// 0 to 255; nil: the terminal's own.
        package var color: Int?
        package var style: CellStyle
    }
    /// The built-in theme that has the roles that are not named.
    package enum Base: String, CaseIterable, Sendable { case auto, dark, light }

    package private(set) var base = Base.auto
    package private(set) var inks: [Role: Ink] = [:]

    /// More than a theme has lines for.
    package static let longestText = 16384

    /// A file's name that is a theme's: letters, digits, `-`, `_` and `.` inside.
    package static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isPlain && (1...40).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: ".")
    }

    /// Reads a file. What is wrong with it is told line by line; the rest counts.
    package static func read(_ text: String) -> (theme: UserTheme, problems: [String]) {
        var theme = UserTheme()
        var problems: [String] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let content = line.trimmed
            if content.isEmpty || content.hasPrefix("#") { continue }
            do throws(CommandProblem) {
                try theme.take(content)
            } catch {
                problems.append("line \(index + 1): \(error.text)")
            }
        }
        return (theme, problems)
    }

    private mutating func take(_ line: String) throws(CommandProblem) {
        let clean = visibleText(line, limit: 80)
        guard let equals = clean.firstIndex(of: "=") else { throw CommandProblem("'\(clean)' is not ROLE = COLOUR") }
        let name = clean[..<equals].trimmed
        let words = clean[clean.index(after: equals)...].split(separator: " ").map { $0.lowercased() }
        if name == "base" {
            base = try CommandReader.choice("base", words.first, Base.allCases) { $0.rawValue }
            return
        }
        guard let role = Role.allCases.first(where: { $0.name == name }) else {
            throw .unknown("role", name, among: ["base"] + Role.allCases.map(\.name))
        }
        guard let color = words.first else { throw CommandProblem("\(name) wants a colour") }
        var ink = Ink(color: try Self.color(color), style: [])
        for word in words.dropFirst() {
            switch word {
            case "bold": ink.style.insert(.bold)
            case "dim": ink.style.insert(.dim)
            case "underline": ink.style.insert(.underline)
            default: throw CommandProblem("\(name): bold, dim or underline, and not '\(word)'")
            }
        }
        inks[role] = ink
    }

    private static let names = [
        "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black", "bright-red",
        "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
    ]

    /// `default`, a name, 0 to 255, or `#rrggbb` as the nearest of the terminal's fixed colours.
    static func color(_ word: String) throws(CommandProblem) -> Int? {
        if word == "default" { return nil }
        if let index = names.firstIndex(of: word) { return index }
        if let number = Int(word), (0...255).contains(number) { return number }
        if word.hasPrefix("#"), word.utf8.count == 7, let value = UInt32(word.dropFirst(), radix: 16) {
            return nearest(Int(value >> 16), Int(value >> 8 & 255), Int(value & 255))
        }
        throw CommandProblem("'\(word)' is no colour: default, 0 to 255, #rrggbb, or a name such as bright-red")
    }

    /// The nearest of the cube of 216 and the ramp of 24 greys, which every terminal with 256 colours shows alike.
    static func nearest(_ red: Int, _ green: Int, _ blue: Int) -> Int {
        let steps = [0, 95, 135, 175, 215, 255]
        func step(_ level: Int) -> Int {
            steps.indices.min { abs(steps[$0] - level) < abs(steps[$1] - level) } ?? 0
        }
        let cube = (step(red), step(green), step(blue))
        let grey = min(23, max(0, ((red + green + blue) / 3 - 3) / 10))
        func distance(_ one: Int, _ two: Int, _ three: Int) -> Int {
            let parts = (one - red, two - green, three - blue)
            return parts.0 * parts.0 + parts.1 * parts.1 + parts.2 * parts.2
        }
        let level = 8 + 10 * grey
        let isGrey = distance(level, level, level) < distance(steps[cube.0], steps[cube.1], steps[cube.2])
        return isGrey ? 232 + grey : 16 + 36 * cube.0 + 6 * cube.1 + cube.2
    }
}

extension Role {
    /// As in a theme's file.
    var name: String { "\(self)" }
}
