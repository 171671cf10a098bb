import CNcurses
package import Dashboard
import Glibc

/// The terminal while the screen is shown. Main thread only, one at a time, because curses supports one per process.
///
/// From `init` to `close` the terminal is in raw mode and shows the alternate screen. It is restored by `close`, by
/// `deinit`, and by the guard in C if the process exits or dies otherwise.
package final class TerminalSession {
    /// False if the locale's codeset is not UTF-8; only ASCII may be drawn then.
    package let isUTF8: Bool
    package private(set) var theme: Theme
    package private(set) var width = 0
    package private(set) var height = 0
    /// The number of bytes written to the terminal so far.
    package private(set) var bytesWritten = 0

    /// True if the terminal has not accepted all of the last frame yet.
    package var isBlocked: Bool { !unsent.isEmpty }

    private let input: Int32
    private let output: Int32
    private let signals: Int32
    private var decoder = KeyDecoder()
    private var lastByteAt = ContinuousClock.now
    /// Keys that were typed during the query for the background colour.
    private var early: [Wakeup.Event] = []
    private var isAnswerDue = false
    /// The rest of a frame that the terminal has not accepted yet.
    private var unsent: ArraySlice<UInt8> = []
    /// The last frame passed to curses.
    private var shown: Frame?
    private var row: [pt_cell] = []
    private var bytes: [UInt8] = []
    private var isMouseOn: Bool
    /// For `setTheme`: the colours that there may be, whether the background is light, and themes of the person's own.
    private let colors: (depth: ColorDepth, isLight: Bool)
    private let userThemes: [String: UserTheme]
    private var isOpen = true

    /// Shows the screen. Nothing is written to the terminal if this throws.
    package init(
        options: TerminalOptions, standardInput: Int32 = STDIN_FILENO, standardOutput: Int32 = STDOUT_FILENO
    ) throws(TerminalError) {
        guard isatty(standardInput) == 1 else { throw .notATerminal(stream: "standard input") }
        guard isatty(standardOutput) == 1 else { throw .notATerminal(stream: "standard output") }
        guard !options.term.isEmpty else { throw .unknownTerminal(name: "") }
        isUTF8 = pt_locale_is_utf8(options.locale)
        isMouseOn = options.mouse
        input = try Self.reopen(standardInput)
        output = try Self.reopen(standardOutput)
        signals = try Self.prepare(input: input, output: output)
        let size = Self.size(of: output)
        if let error = Self.openScreen(options.term, size) {
            Self.undo(input: input, output: output)
            throw error
        }
        pt_guard_leave_by(pt_screen_leave_string())
        _ = pt_stderr_capture()
        pt_guard_watch()
        _ = pt_tty_raw()
        let depth = options.noColor ? .mono : ColorDepth(colors: Int(pt_screen_colors()))
        var asked = Asked()
        colors = (depth, Self.isLight(options, depth, input: input, output: output, &asked))
        userThemes = options.userThemes
        let name = options.userTheme ?? options.theme.rawValue
        theme = Theme(named: name, colors, userThemes) ?? Theme(depth: depth, isLight: colors.isLight)
        decoder = asked.decoder
        early = asked.events.compactMap(Wakeup.Event.init)
        isAnswerDue = asked.isAnswerDue
        lastByteAt = .now
        (width, height) = size
        makePairs()
        send(Array(Modes.on(mouse: isMouseOn).utf8))
    }

    deinit { close() }

    /// Restores the terminal. Calling it again has no effect.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        leave()
        Self.undo(input: input, output: output)
    }

    // MARK: Drawing

    /// Shows the frame with a single write. Must not be called while the terminal `isBlocked`, because the rest of the
    /// previous frame would be cut off.
    package func draw(_ frame: Frame) {
        guard isOpen, !isBlocked, shown != frame else { return }
        for y in 0..<min(height, frame.height) where !isShown(frame, row: y) {
            give(frame, row: y)
            if losesBlocks(frame, row: y) { pt_screen_redraw_row(Int32(y)) }
        }
        shown = frame
        let count = pt_screen_update()
        guard count > 0 else { return }
        send(Array(Modes.beginFrame.utf8) + takeScreen(count) + Array(Modes.endFrame.utf8))
    }

    /// Makes the next frame repaint everything, whatever the terminal is assumed to show.
    package func invalidate() {
        shown = nil
        pt_screen_invalidate()
    }

    /// Reads the size again and repaints everything, because terminals reflow their contents.
    package func refreshSize() {
        (width, height) = Self.size(of: output)
        pt_screen_resize(Int32(height), Int32(width))
        invalidate()
    }

    /// Another look, at once. A name that is none changes nothing.
    package func setTheme(_ name: String) {
        guard let theme = Theme(named: name, colors, userThemes) else { return }
        self.theme = theme
        makePairs()
        invalidate()
    }

    /// Hands text to the clipboard of the terminal (OSC 52), which may be on another machine. A terminal that does not know
    /// of this says nothing, and some ask their person first.
    package func copy(_ text: String) {
        send(Array(Modes.copy(text).utf8))
    }

    package func setMouse(_ isOn: Bool) {
        isMouseOn = isOn
        send(Array(Modes.mouse(isOn).utf8))
    }

    /// Handles ^Z: restores the terminal, stops the whole job, and shows the screen again when it continues.
    package func suspend() {
        leave()
        pt_signals_stop_group()
        comeBack()
    }

    /// After a stop without notice (SIGSTOP) the shell has changed the terminal, so everything is set again.
    package func comeBack() {
        _ = takeScreen(pt_screen_leave())
        _ = pt_stderr_capture()
        pt_guard_screen(true)
        _ = pt_tty_raw()
        unsent = []
        send(Array(Modes.on(mouse: isMouseOn).utf8))
        refreshSize()
    }

    private func leave() {
        unsent = []
        // The end mark of the frame comes first, because an unfinished frame would keep the terminal from updating.
        Self.sendPatiently(Array(Modes.off.utf8) + takeScreen(pt_screen_leave()), to: output)
        _ = pt_tty_restore(isAnswerDue)
        pt_stderr_replay()
        pt_guard_screen(false)
    }

    private func isShown(_ frame: Frame, row y: Int) -> Bool {
        guard let shown, shown.width == frame.width, y < shown.height else { return false }
        let range = y * frame.width..<(y + 1) * frame.width
        return shown.cells[range] == frame.cells[range]
    }

    /// A block or a shade of the row gives way to something else. Fonts draw them a little wider than their cell, and a
    /// terminal that paints changed cells only leaves that edge beside a bar that shrinks.
    private func losesBlocks(_ frame: Frame, row y: Int) -> Bool {
        guard let shown, shown.width == frame.width, y < shown.height else { return false }
        return (y * frame.width..<(y + 1) * frame.width).contains { index in
            (0x2580...0x259F).contains(shown.cells[index].scalar.value)
                && shown.cells[index].scalar != frame.cells[index].scalar
        }
    }

    private func give(_ frame: Frame, row y: Int) {
        row.removeAll(keepingCapacity: true)
        let start = y * frame.width
        for index in start..<start + min(width, frame.width) {
            let cell = frame.cells[index]
            let isWide = index + 1 < start + frame.width && frame.cells[index + 1].isFiller
            row.append(
                pt_cell(
                    scalar: cell.scalar.value, pair: theme[cell.role].color == nil ? 0 : UInt16(cell.role.rawValue) + 1,
                    style: theme.style(cell).rawValue, width: cell.isFiller ? 0 : isWide ? 2 : 1))
        }
        row.withUnsafeBufferPointer { pt_screen_row(Int32(y), $0.baseAddress, Int32($0.count)) }
    }

    private func makePairs() {
        for role in Role.allCases {
            guard let color = theme[role].color else { continue }
            pt_screen_pair(Int32(role.rawValue) + 1, Int32(color))
        }
    }

    private func takeScreen(_ count: Int) -> ArraySlice<UInt8> {
        if bytes.count < count { bytes = Array(repeating: 0, count: count * 2) }
        let taken = bytes.withUnsafeMutableBytes { pt_screen_take($0.baseAddress, count) }
        return bytes.prefix(taken)
    }

    private func send(_ bytes: [UInt8]) {
        unsent += bytes
        sendMore()
    }

    private func sendMore() {
        while !unsent.isEmpty {
            let written = unsent.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
            if written > 0 {
                bytesWritten += written
                unsent = unsent.dropFirst(written)
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                unsent = []  // the terminal is gone; reading says so too
            }
        }
        unsent = []
    }

    // MARK: Waiting

    /// Waits for the user, a signal or another thread, at most for this long; nil: forever.
    package func wait(alsoFor wake: Int32, atMost limit: Duration?) -> Wakeup {
        var result = Wakeup(events: early)
        early = []
        var descriptors = [
            pollfd(fd: input, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: unsent.isEmpty ? -1 : output, events: Int16(POLLOUT), revents: 0),
        ]
        let patience = decoder.patience.map { $0 - (.now - lastByteAt) }
        let shortest = result.events.isEmpty ? [limit, patience].compactMap { $0 }.min() : .zero
        _ = poll(&descriptors, nfds_t(descriptors.count), shortest?.pollMilliseconds ?? -1)
        if descriptors[0].revents != 0 { readInput(descriptors[0].revents, &result) }
        if let patience = decoder.patience, .now - lastByteAt >= patience {
            result.events += decoder.silence().compactMap(Wakeup.Event.init)
        }
        if descriptors[1].revents != 0 {
            let pending = pt_signals_take()
            result.signals = TerminalSignal.allCases.filter { pending & (1 << UInt32($0.number)) != 0 }
        }
        result.isWoken = descriptors[2].revents != 0
        if descriptors[3].revents != 0 { sendMore() }
        return result
    }

    private func readInput(_ revents: Int16, _ result: inout Wakeup) {
        guard revents & Int16(POLLIN) != 0 else {
            result.isHungUp = true  // POLLHUP, POLLERR or POLLNVAL with nothing left to read
            return
        }
        // Reads once and not until the descriptor is empty, because a flood of input must not block signals and
        // drawing.
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(input, &buffer, buffer.count)
        if count > 0 {
            lastByteAt = .now
            for event in decoder.feed(buffer.prefix(count)) {
                if event == .attributes { isAnswerDue = false }
                if let event = Wakeup.Event(event) { result.events.append(event) }
            }
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            result.isHungUp = true
        }
    }

    /// Limits the size of the memory file that captures stderr. Called about once per second.
    package func trimCapturedErrors() { pt_stderr_trim(256 * 1024) }
}

// MARK: Setting up

extension TerminalSession {
    private struct Asked {
        var decoder = KeyDecoder()
        var events: [TerminalEvent] = []
        var isAnswerDue = false
    }

    /// Opens the same terminal with a separate file description, so that making it non-blocking does not affect the
    /// shell, which shares the one that we were given. If it cannot be opened again (su, containers), the shared one is
    /// used, and blocks.
    private static func reopen(_ descriptor: Int32) throws(TerminalError) -> Int32 {
        let own = open("/proc/self/fd/\(descriptor)", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        if own >= 0 { return own }
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .system(call: "dup", code: errno) }
        return copy
    }

    /// Saves the modes, installs the signal handlers and arms the guard, all before curses starts.
    private static func prepare(input: Int32, output: Int32) throws(TerminalError) -> Int32 {
        guard pt_tty_save(input, output) == 0 else { throw .system(call: "tcgetattr", code: errno) }
        let signals = pt_signals_install()
        guard signals >= 0 else { throw .system(call: "pipe", code: errno) }
        pt_guard_arm()
        return signals
    }

    private static func openScreen(_ term: String, _ size: (width: Int, height: Int)) -> TerminalError? {
        switch Int(pt_screen_open(term, Int32(size.height), Int32(size.width))) {
        case PT_SCREEN_OK: nil
        case PT_SCREEN_UNKNOWN: .unknownTerminal(name: term)
        case PT_SCREEN_DUMB: .dumbTerminal(name: term)
        default: .system(call: "memfd_create", code: errno)
        }
    }

    private static func undo(input: Int32, output: Int32) {
        pt_screen_close()
        pt_guard_disarm()
        pt_signals_remove()
        Glibc.close(input)
        Glibc.close(output)
    }

    private static func size(of descriptor: Int32) -> (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (min(Int(size.ws_col), 1000), min(Int(size.ws_row), 500))
    }

    private static func isLight(
        _ options: TerminalOptions, _ depth: ColorDepth, input: Int32, output: Int32, _ asked: inout Asked
    ) -> Bool {
        switch options.theme {
        case .light: return true
        case .dark, .mono: return false
        case .auto: break
        }
        if depth == .mono { return false }
        if Background.canBeAsked(term: options.term), let answer = ask(input: input, output: output, &asked) {
            return answer
        }
        return Background.isLight(colorFGBG: options.colorFGBG) ?? false
    }

    /// Queries the background colour, for at most 100 ms. A second query (DA1) follows that every terminal answers, so
    /// a terminal that does not know the first causes no delay. Keys that arrive meanwhile are kept.
    private static func ask(input: Int32, output: Int32, _ asked: inout Asked) -> Bool? {
        sendPatiently(Array("\u{1B}]11;?\u{1B}\\\u{1B}[c".utf8), to: output)
        asked.isAnswerDue = true
        let deadline = ContinuousClock.now + .milliseconds(100)
        var answer: Bool?
        while asked.isAnswerDue, deadline > .now {
            var descriptor = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, (deadline - .now).pollMilliseconds) > 0 else { continue }
            var buffer = [UInt8](repeating: 0, count: 1024)
            let count = read(input, &buffer, buffer.count)
            guard count > 0 else { break }
            for event in asked.decoder.feed(buffer.prefix(count)) {
                switch event {
                case .background(let red, let green, let blue):
                    answer = Background.isLight(red: red, green: green, blue: blue)
                case .attributes: asked.isAnswerDue = false
                case .key, .mouse, .paste: asked.events.append(event)
                }
            }
        }
        return answer
    }

    /// Writes all bytes, but gives up if the terminal accepts nothing for a second.
    private static func sendPatiently(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                if poll(&ready, 1, 1000) <= 0 { return }
            } else if errno != EINTR {
                return
            }
        }
    }
}
