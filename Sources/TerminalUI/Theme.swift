package import Dashboard

/// The number of colours that the terminal supports, in the steps used by the tables.
package enum ColorDepth: Int, CaseIterable, Sendable {
    case mono = 0
    case eight = 8
    case sixteen = 16
    case many = 256

    /// From the number of colours that curses reports. A terminal with direct RGB values still has the first eight
    /// colours.
    package init(colors: Int) {
        switch colors {
        case ..<8: self = .mono
        case 8..<16: self = .eight
        case 16..<256: self = .sixteen
        case 256: self = .many
        default: self = .eight
        }
    }
}

/// The user's choice of theme.
package enum ThemeChoice: String, CaseIterable, Sendable {
    /// Queries the terminal's background.
    case auto
    case dark, light
    /// Bold, underline and reverse only.
    case mono
}

/// The foreground and style of one role. The background is always the terminal's own.
package struct Ink: Equatable, Sendable {
    /// A colour of the terminal's palette; nil: the default foreground.
    package var color: Int?
    package var style: CellStyle
}

/// The ink for each role. Text uses the terminal's default foreground, and not white or black, so that it is readable
/// everywhere. The panels make sure that red and green are never the only indication.
package struct Theme: Equatable, Sendable {
    package let depth: ColorDepth
    package let isLight: Bool
    private var inks: [Ink]

    package init(depth: ColorDepth, isLight: Bool) {
        self.depth = depth
        self.isLight = isLight
        inks = Role.allCases.map { role in
            switch depth {
            case .mono: Theme.mono(role)
            case .eight: isLight ? Theme.lightEight(role) : Theme.darkEight(role)
            case .sixteen: isLight ? Theme.lightEight(role) : Theme.darkSixteen(role)
            case .many: isLight ? Theme.lightMany(role) : Theme.darkMany(role)
            }
        }
    }

    /// The built-in theme with a person's own inks in it. A colour that the terminal has not keeps the built-in one, and
    /// without colour only styles count.
    package init(depth: ColorDepth, isLight: Bool, user: UserTheme) {
        let isLightBase =
            switch user.base {
            case .auto: isLight
            case .dark: false
            case .light: true
            }
        self.init(depth: depth, isLight: isLightBase)
        for (role, ink) in user.inks {
            let index = Int(role.rawValue)
            if let color = ink.color, color >= depth.rawValue {
                if depth == .mono { inks[index].style = ink.style }
                continue
            }
            inks[index] = Ink(color: depth == .mono ? nil : ink.color, style: ink.style)
        }
    }

    /// The theme of a name, of the built-in ones or of the person's own; nil: there is none.
    init?(named name: String, _ colors: (depth: ColorDepth, isLight: Bool), _ own: [String: UserTheme]) {
        if let user = own[name] {
            self.init(depth: colors.depth, isLight: colors.isLight, user: user)
            return
        }
        guard let choice = ThemeChoice(rawValue: name) else { return nil }
        switch choice {
        case .auto: self.init(depth: colors.depth, isLight: colors.isLight)
        case .dark: self.init(depth: colors.depth, isLight: false)
        case .light: self.init(depth: colors.depth, isLight: true)
        case .mono: self.init(depth: .mono, isLight: colors.isLight)
        }
    }

    package subscript(role: Role) -> Ink { inks[Int(role.rawValue)] }

    /// The style of a cell, combined from its own and its role's. Without colours nothing is dim, because dim text may
    /// be invisible there.
    package func style(_ cell: Cell) -> CellStyle {
        let all = cell.style.union(self[cell.role].style)
        return depth == .mono ? all.subtracting(.dim) : all
    }

    private static func mono(_ role: Role) -> Ink {
        switch role {
        case .text, .label, .axis, .demand, .lookup, .fresh, .good, .header: Ink(color: nil, style: [])
        case .title, .mark, .selected, .warn: Ink(color: nil, style: .bold)
        case .bad: Ink(color: nil, style: [.bold, .underline])
        }
    }

    private static func darkEight(_ role: Role) -> Ink {
        switch role {
        case .text, .header: Ink(color: nil, style: [])
        case .label, .axis: Ink(color: nil, style: .dim)
        case .title, .selected: Ink(color: nil, style: .bold)
        case .fresh: Ink(color: 5, style: [])
        case .demand: Ink(color: 6, style: [])
        case .lookup, .good: Ink(color: 2, style: [])
        case .warn: Ink(color: 3, style: [])
        case .mark: Ink(color: 3, style: .bold)
        case .bad: Ink(color: 1, style: .bold)
        }
    }

    private static func darkSixteen(_ role: Role) -> Ink {
        switch role {
        case .text, .header: Ink(color: nil, style: [])
        case .label, .axis: Ink(color: nil, style: .dim)  // and not 8, which some palettes make the background
        case .title, .selected: Ink(color: nil, style: .bold)
        case .fresh: Ink(color: 13, style: [])
        case .demand: Ink(color: 14, style: [])
        case .lookup, .good: Ink(color: 10, style: [])
        case .warn: Ink(color: 11, style: [])
        case .mark: Ink(color: 11, style: .bold)
        case .bad: Ink(color: 9, style: .bold)
        }
    }

    /// Yellow and the bright colours are unreadable on white.
    private static func lightEight(_ role: Role) -> Ink {
        switch role {
        case .text, .header: Ink(color: nil, style: [])
        case .label, .axis: Ink(color: nil, style: .dim)
        case .title, .selected: Ink(color: nil, style: .bold)
        case .fresh: Ink(color: 5, style: [])
        case .demand: Ink(color: 4, style: [])
        case .lookup, .good: Ink(color: 2, style: [])
        case .warn: Ink(color: 1, style: [])
        case .mark: Ink(color: 4, style: .bold)
        case .bad: Ink(color: 1, style: .bold)
        }
    }

    private static func darkMany(_ role: Role) -> Ink {
        switch role {
        case .text, .header: Ink(color: nil, style: [])
        case .label: Ink(color: 246, style: [])
        case .axis: Ink(color: 243, style: [])
        case .title, .selected: Ink(color: nil, style: .bold)
        case .fresh: Ink(color: 170, style: [])
        case .demand: Ink(color: 80, style: [])
        case .lookup: Ink(color: 111, style: [])
        case .good: Ink(color: 114, style: [])
        case .warn: Ink(color: 215, style: [])
        case .mark: Ink(color: 227, style: .bold)
        case .bad: Ink(color: 203, style: .bold)
        }
    }

    private static func lightMany(_ role: Role) -> Ink {
        switch role {
        case .text, .header: Ink(color: nil, style: [])
        case .label: Ink(color: 241, style: [])
        case .axis: Ink(color: 245, style: [])
        case .title, .selected: Ink(color: nil, style: .bold)
        case .fresh: Ink(color: 127, style: [])
        case .demand: Ink(color: 23, style: [])
        case .lookup: Ink(color: 26, style: [])
        case .good: Ink(color: 28, style: [])
        case .warn: Ink(color: 130, style: [])
        case .mark: Ink(color: 55, style: .bold)
        case .bad: Ink(color: 160, style: .bold)
        }
    }
}

/// Whether the terminal's background is light, if the terminal reports it.
package enum Background {
    /// From the response to OSC 11, weighted by the eye's sensitivity to red, green and blue.
    package static func isLight(red: Double, green: Double, blue: Double) -> Bool {
        0.299 * red + 0.587 * green + 0.114 * blue > 0.5
    }

    /// From COLORFGBG (`15;0`, `0;default;15`), which rxvt and Konsole set; nil if it is not set or invalid.
    package static func isLight(colorFGBG value: String?) -> Bool? {
        guard let last = value?.split(separator: ";").last, let color = Int(last), (0...15).contains(color) else {
            return nil
        }
        return color == 7 || color > 8
    }

    /// False for terminals that print the query instead of answering it.
    package static func canBeAsked(term: String) -> Bool {
        !["linux", "cons", "vt", "ansi", "dumb", "wyse"].contains { term.hasPrefix($0) }
    }
}
