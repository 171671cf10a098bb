import AttachProtocol
import NIOCore
import PlainDocuments

/// One viewer of an agent: its requests are answered one after the other, and none is read before the answer to the one before
/// is handed to the kernel, so a viewer that does not read costs one answer.
struct MonitorConversation {
    let hub: MonitorHub
    let viewer: Int
    private var mayChange = false
    private var latest = JSONValue.object([])
    private var latestID = 0

    init(_ hub: MonitorHub, viewer: Int) {
        self.hub = hub
        self.viewer = viewer
    }

    /// The first line of the agent.
    static func hello(name: String, pid: Int, instance: Int) -> JSONValue {
        .object([
            "type": .string("hello"), "protocol": .string(AttachProtocol.name), "agent": .string("KeepAliveAgent"),
            "runtime": .string("Swift"), "pid": .integer(pid), "thread": .integer(instance), "name": .string(name),
            "capabilities": .object([
                "settings": .array(MonitorSetting.all.map { .string($0.name) }),
                "perHost": .array(MonitorSetting.all.filter(\.isPerHost).map { .string($0.name) }),
                "closeIdle": .bool(true), "sockets": .bool(true), "unhook": .bool(false),
            ]),
        ])
    }

    static func refused(_ id: Int, _ why: String) -> JSONValue {
        .object(["type": .string("refused"), "id": .integer(id), "why": .string(why)])
    }

    /// The answer to a line of the viewer; nil: it needs none.
    /// - Throws: that the connection has to end.
    mutating func answer(_ line: JSONValue) async throws -> JSONValue? {
        guard case .string(let type)? = line["type"] else { return nil }
        if type == "hello" {
            mayChange = line["allowChanges"] == .bool(true)
            return nil
        }
        guard case .integer(let id)? = line["id"] else { return nil }
        if type == "get" { return try await snapshot(id, line) }
        do {
            return .object([
                "type": .string("done"), "id": .integer(id), "effects": .array([.string(try await act(type, line))]),
            ])
        } catch let refusal as MonitorHub.Refusal {
            return Self.refused(id, refusal.why)
        } catch {
            return Self.refused(id, "\(error)")
        }
    }

    private mutating func snapshot(_ id: Int, _ line: JSONValue) async throws -> JSONValue {
        var wanted: Set<Int> = []
        if case .array(let items)? = line["sockets"] {
            for case .integer(let host) in items.prefix(1024) { wanted.insert(host) }
        }
        guard let document = try await hub.document(socketsFor: wanted) else {
            return Self.refused(id, "the agent has ended")
        }
        let isBased = latestID > 0 && line["base"] == .integer(latestID)
        let patch = isBased ? latest.patch(to: document) : document
        let base = isBased ? latestID : 0
        (latest, latestID) = (document, id)
        return .object([
            "type": .string("snapshot"), "id": .integer(id), "base": .integer(base), "patch": patch,
        ])
    }

    private func act(_ type: String, _ line: JSONValue) async throws -> String {
        let known: Set<String> = ["set", "closeIdle", "restore"]
        guard known.contains(type) else { throw MonitorHub.Refusal(why: "a Swift agent knows no '\(type)'") }
        guard mayChange else { throw MonitorHub.Refusal(why: "this viewer was started without --allow-changes") }
        var host: Int?
        if case .integer(let number)? = line["host"] { host = number }
        switch type {
        case "set":
            guard case .string(let name)? = line["setting"], let value = line["value"] else {
                throw MonitorHub.Refusal(why: "a change has a setting and a value")
            }
            return try await hub.set(name, to: value, host: host, by: viewer)
        case "closeIdle": return try await hub.closeIdle(host: host)
        default:
            await hub.restore(viewer)
            return "what this viewer changed is as before"
        }
    }
}
