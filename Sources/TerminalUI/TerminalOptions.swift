package import Dashboard
import Glibc
import Wording

/// The look of the screen, and the environment's description of the terminal.
package struct TerminalOptions: Sendable {
    package var theme: ThemeChoice
    /// Themes of the person's own, by name.
    package var userThemes: [String: UserTheme] = [:]
    /// The one of them that the screen begins with; nil: `theme`.
    package var userTheme: String?
    /// No colours: `--no-color`, or NO_COLOR with a non-empty value.
    package var noColor: Bool
    package var mouse: Bool
    /// TERM.
    package var term: String
    /// COLORFGBG, which gives the colours of terminals that cannot be queried.
    package var colorFGBG: String?
    /// The locale that determines the character set; empty: the environment's.
    package var locale = ""

    package init(
        theme: ThemeChoice = .auto, noColor: Bool = false, mouse: Bool = true,
        environment: (String) -> String? = TerminalOptions.processEnvironment
    ) {
        self.theme = theme
        self.noColor = noColor || environment("NO_COLOR").map { !$0.isEmpty } == true
        self.mouse = mouse
        term = environment("TERM") ?? ""
        colorFGBG = environment("COLORFGBG")
    }

    package static func processEnvironment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// Why the screen cannot be shown. The description is one line for stderr; the caller exits with 1.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
    case notATerminal(stream: String)
    case unknownTerminal(name: String)
    case dumbTerminal(name: String)
    case system(call: String, code: Int32)

    package var description: String { message(instead: "`pooltop run --format text|json|ndjson` needs no terminal") }

    /// The same message for a command that has an alternative without a screen.
    package func message(instead: String) -> String {
        switch self {
        case .notATerminal(let stream): return "\(stream) is not a terminal; \(instead)"
        case .unknownTerminal(let name) where name.isEmpty: return "TERM is not set; \(instead)"
        case .unknownTerminal(let name):
            return "the terminal type \"\(visibleText(name))\" (TERM) is not known on this host; \(instead)"
        case .dumbTerminal(let name):
            return "the terminal type \"\(visibleText(name))\" (TERM) cannot place the cursor; \(instead)"
        case .system(let call, let code):
            return "the terminal cannot be set up: \(call): \(String(cString: strerror(code))); \(instead)"
        }
    }
}

/// A signal that the loop handles.
package enum TerminalSignal: CaseIterable, Equatable, Sendable {
    case interrupt, terminate, hangUp, resize, stop, resume

    package var number: Int32 {
        switch self {
        case .interrupt: SIGINT
        case .terminate: SIGTERM
        case .hangUp: SIGHUP
        case .resize: SIGWINCH
        case .stop: SIGTSTP
        case .resume: SIGCONT
        }
    }
}
