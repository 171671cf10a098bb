import AttachProtocol
package import PlainDocuments

/// An agent's own description when a viewer connects (`pooltop.attach/1`).
package struct AttachHello: Sendable, Equatable {
    /// `node v20.20.2`.
    package var runtime: String
    /// The process that the agent is in.
    package var pid: Int
    /// The worker thread that it is in; 0: the main thread.
    package var thread: Int
    /// The command line, or another name that a person knows it by. Not safe to print.
    package var name: String
    /// The settings that a viewer may change.
    package var settings: Set<String>
    /// The settings that may be changed for one host.
    package var perHost: Set<String>
    /// True: idle connections may be closed.
    package var closesIdle: Bool

    /// Reads the first line of an agent.
    /// - Throws: that this is no agent, or one of another version.
    package init(_ line: JSONValue) throws(AttachError) {
        if line["type"] == .string("refused"), case .string(let why)? = line["why"] {
            throw AttachError(PlainText.clean(why))
        }
        guard line["type"] == .string("hello"), case .string(let name)? = line["protocol"] else {
            throw AttachError("this is not an agent that pooltop can attach to: it does not say hello")
        }
        guard name == AttachProtocol.name else {
            throw AttachError(
                "the agent speaks '\(PlainText.clean(name))', and this version of pooltop only \(AttachProtocol.name)")
        }
        guard case .integer(let pid)? = line["pid"], pid > 0 else {
            throw AttachError("the agent does not say in which process it is")
        }
        self.pid = pid
        runtime = Self.text(line["runtime"])
        self.name = Self.text(line["name"])
        if case .integer(let thread)? = line["thread"] { self.thread = thread } else { thread = 0 }
        let capabilities = line["capabilities"] ?? .null
        settings = Self.names(capabilities["settings"])
        perHost = Self.names(capabilities["perHost"])
        closesIdle = capabilities["closeIdle"] == .bool(true)
    }

    private static let longest = 255

    private static func text(_ value: JSONValue?) -> String {
        guard case .string(let text)? = value else { return "" }
        return String(text.prefix(longest))
    }

    private static func names(_ value: JSONValue?) -> Set<String> {
        guard case .array(let items)? = value else { return [] }
        return Set(items.prefix(32).map { text($0) })
    }
}
