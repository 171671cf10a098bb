package import Dashboard
import Glibc
import Wording

/// How the screen is to look, and what the environment says about the terminal.
package struct TerminalOptions: Sendable {
    package var theme: ThemeChoice
    /// Themes of the person's own, by name.
    package var userThemes: [String: UserTheme] = [:]
    /// The one of them that the screen begins with; nil: `theme`.
    package var userTheme: String?
    /// No colours: `--no-color`, or NO_COLOR set to anything but nothing.
    package var noColor: Bool
    package var mouse: Bool
    /// TERM.
    package var term: String
    /// COLORFGBG, the answer of terminals that cannot be asked.
    package var colorFGBG: String?
    /// The locale whose character set is used; empty: the environment's.
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

/// Why there can be no screen. The description is one line for stderr; the caller exits with 1.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
    case notATerminal(stream: String)
    case unknownTerminal(name: String)
    case dumbTerminal(name: String)
    case system(call: String, code: Int32)

    package var description: String { message(instead: "`pooltop run --format text|json|ndjson` needs no terminal") }

    /// The same for a command in whose place something else can be run.
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

/// A signal that the loop deals with.
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

/// Why `TerminalSession.wait` came back.
package struct Wakeup {
    package var events: [Event] = []
    package var signals: [TerminalSignal] = []
    /// The descriptor that was given is readable.
    package var isWoken = false
    /// The terminal is gone.
    package var isHungUp = false

    /// What the person did.
    package enum Event: Equatable {
        case key(Key)
        case mouse(x: Int, y: Int, MouseAct)
        case paste
    }
}
