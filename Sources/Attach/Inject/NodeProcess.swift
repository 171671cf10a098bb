import Glibc
import PlainDocuments
import Watch
import WatchCore

/// A Node process that has no hook yet, and may be given one by its inspector while it runs.
///
/// The signal SIGUSR1 opens the inspector, and ends every program that does not catch it. So the process is to be Node by the
/// content of its executable and not by a name, and to catch the signal, before it is sent.
package struct NodeProcess: Sendable {
    /// A function that Node's executable defines, or takes from its library (libnode).
    private static let mark = "_ZN4node5Start"
    private static let defaultPort = 9229
    private static let patience = Duration.seconds(2)
    private static let fewestLooks = 50

    package let pid: Int
    /// For texts: `process 4711 (node app.js)`.
    package let description: String
    /// The port that its inspector has, or will have; nil: any that is free.
    private let port: Int?
    /// True: the inspector is open already, as after `--inspect`, and is left so.
    private let isOpen: Bool

    /// Looks at a process.
    /// - Throws: why it cannot be given a hook.
    package init(_ pid: Int) throws(AttachError) {
        self.pid = pid
        let look = try Self.look(pid)
        guard let facts = look.facts, let status = look.status else { throw AttachError("no process \(pid)") }
        description = "process \(pid) (\(PlainText.clean(facts.command, limit: 60)))"
        guard status.user == geteuid() || geteuid() == 0 else {
            throw AttachError(
                "\(description) belongs to \(PlainText.clean(facts.userName)): run pooltop as that user, or as root")
        }
        switch look.executable(contains: Self.mark) {
        case true: break
        case false: throw AttachError("\(description) is not Node, whatever its name")
        default: throw AttachError("\(description): its executable cannot be read, so nobody knows whether it is Node")
        }
        guard look.isInAnotherNetwork == false else {
            throw AttachError(
                "\(description) has a network of its own, as in a container, where its inspector cannot be reached: run pooltop "
                    + "in there, or start it with the hook")
        }
        let port = Self.inspectorPort(look.arguments)
        let listeners = look.listeners().filter { Int($0.endpoint.port) == port ?? 0 }
        self.port = port
        isOpen = listeners.contains(where: \.isIts)
        if isOpen { return }
        guard status.catches(Int(SIGUSR1)) == true else {
            throw AttachError(
                "\(description) does not catch SIGUSR1, which would end it: it was started with --disable-sigusr1, or has an "
                    + "inspector that is off")
        }
        if let port, !listeners.isEmpty {
            throw AttachError("\(description): port \(port), which its inspector needs, is used by another process")
        }
    }

    private static func look(_ pid: Int) throws(AttachError) -> ProcessLook {
        do throws(WatchError) { return try ProcessLook(pid) } catch { throw AttachError(error.description) }
    }

    /// The port of `--inspect-port=9230` and the like; nil: 0 was asked for, which is any.
    static func inspectorPort(_ arguments: [String]) -> Int? {
        var port = defaultPort
        let options: Set<String> = ["--inspect", "--inspect-brk", "--inspect-wait", "--inspect-port", "--debug-port"]
        for (index, argument) in arguments.enumerated().dropFirst() {
            guard argument.hasPrefix("-") else { break }  // the script, and after it its own arguments
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard options.contains(parts[0]) else { continue }
            let needsValue = parts[0].hasSuffix("-port")
            let value =
                parts.count == 2 ? parts[1] : needsValue && index + 1 < arguments.count ? arguments[index + 1] : ""
            if let number = Int(value.split(separator: ":").last ?? "") { port = number }
        }
        return port == 0 ? nil : port
    }

    /// The deed in words, for the question before it.
    package var plan: String {
        let opening =
            isOpen
            ? "pooltop loads it through the inspector that is open already."
            : """
            pooltop can put it in while the process runs: it sends SIGUSR1, which makes Node open its inspector on \
            127.0.0.1\(port.map { ":\($0)" } ?? ""), loads the hook (pooltop hook node prints it), and closes the inspector \
            again, which takes a hundredth of a second. Node then writes a few lines about its debugger to the process's \
            standard error, and meanwhile other local users could reach the inspector. If the program has a handler of its own \
            for SIGUSR1, that handler runs instead.
            """
        return "\(description) has no hook. \(opening) The hook takes itself out when the last viewer leaves."
    }

    /// Puts the hook in.
    /// - Returns: the path of its socket.
    /// - Throws: why there is none. The inspector is closed then, too, if it was opened.
    package func inject() async throws -> String {
        let port = isOpen ? self.port ?? 0 : try await openInspector()
        let inner = try Self.look(pid).status?.innermostID ?? pid
        let inspector = Inspector(port: port)
        do {
            let values = try await inspector.evaluate { values throws(AttachError) in
                switch values.count {
                case 0: return "String(process.pid)"
                case 1:
                    guard values[0] == "\(inner)" else {
                        throw AttachError(
                            "port \(port) is answered by process \(PlainText.clean(values[0])), and not by \(inner)")
                    }
                    return Self.loading
                case 2: return isOpen ? nil : Self.closing
                default: return nil
                }
            }
            return try Self.socket(values[1])
        } catch {
            if !isOpen { await close(inspector) }
            if let error = error as? AttachError { throw AttachError("\(description): \(error.description)") }
            throw AttachError("\(description): its inspector on port \(port) cannot be used: \(error)")
        }
    }

    /// Closes an inspector that was opened here, whatever happened since.
    private func close(_ inspector: Inspector) async {
        do { _ = try await inspector.evaluate { $0.isEmpty ? Self.closing : nil } } catch {
            // The process has ended, or its inspector is closed already.
        }
    }

    private static func socket(_ answer: String) throws(AttachError) -> String {
        let line: JSONValue
        do throws(TextProblem) { line = try JSONReader.value(of: Array(answer.utf8)[...]) } catch {
            throw AttachError("the hook's answer is \(error.problem)")
        }
        guard case .string(let path)? = line["socketPath"] else {
            var words = "it does not say why"
            if case .string(let reason)? = line["reason"] { words = PlainText.clean(reason, limit: 200) }
            throw AttachError("the hook does not listen: \(words)")
        }
        return path
    }

    /// Sends the signal, and waits for a listener that was not there.
    private func openInspector() async throws -> Int {
        let look = try Self.look(pid)
        let before = Set(look.listeners().filter(\.isIts).map(\.endpoint))
        guard kill(pid_t(clamping: pid), SIGUSR1) == 0 else { throw AttachError("\(description) has just ended") }
        let end = ContinuousClock.now + Self.patience
        var looks = 0
        // A machine that is busy may let us look seldom: a few looks say nothing yet.
        while ContinuousClock.now < end || looks < Self.fewestLooks {
            looks += 1
            try await Task.sleep(for: .milliseconds(2))
            let new = look.listeners().first { listener in
                listener.isIts && !before.contains(listener.endpoint)
                    && (port == nil || port == Int(listener.endpoint.port))
            }
            if let new { return Int(new.endpoint.port) }
        }
        guard look.facts != nil else { throw AttachError("\(description) has ended") }
        throw AttachError(
            "\(description) opens no inspector: it has a handler of its own for SIGUSR1, which was called, or is too busy to "
                + "answer. Start it with the hook: pooltop hook node -o pooltop-hook.cjs")
    }

    // MARK: Expressions

    /// Runs the hook's source as a module of its own, and answers with its socket.
    private static var loading: String {
        """
        (() => {
            const module = { exports: {} };
            const load = typeof require === 'function' ? require : process.mainModule.require;
            (function (exports, require, module) {
        \(String(decoding: NodeHook.source, as: UTF8.self))
            })(module.exports, load, module);
            const { socketPath, reason, alreadyThere } = module.exports;
            if (!alreadyThere) module.exports.leavesWithLastViewer = true;
            return JSON.stringify({ socketPath, reason });
        })()
        """
    }

    /// Not at once: the answer is to be sent first.
    private static let closing =
        "((inspector) => (setTimeout(() => inspector.close(), 1), 'closing'))(require('inspector'))"
}
