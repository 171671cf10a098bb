import AgentCore
import AttachProtocol
import PlainDocuments
import PoolModel

/// The things that all viewers of one agent share: the events that they see, and the changes that they made.
actor MonitorHub {
    /// A setting that is changed, of all hosts (nil) or of one origin.
    private struct Subject: Hashable {
        var setting: String
        var origin: String?
    }

    private struct Change {
        var viewer: Int
        var subject: Subject
        var value: JSONValue
    }

    /// Why a viewer's wish is refused, in one sentence.
    struct Refusal: Error {
        let why: String
    }

    private weak let agent: HTTPAgent?
    private var events: [(sequence: Int, notice: AgentNotice)] = []
    private var nextEvent = 0
    private var origins: [Int: String] = [:]
    private var viewers: Set<Int> = []
    private var nextViewer = 0
    private var changes: [Change] = []
    /// Values from before the first change.
    private var originals: [Subject: JSONValue] = [:]

    static let mostViewers = 8

    init(_ agent: HTTPAgent) { self.agent = agent }

    /// The number of a new viewer; nil: there are enough.
    func join() -> Int? {
        guard viewers.count < Self.mostViewers else { return nil }
        nextViewer += 1
        viewers.insert(nextViewer)
        return nextViewer
    }

    /// Puts back what the viewer changed and nobody changed after it.
    func leave(_ viewer: Int) async {
        await restore(viewer)
        viewers.remove(viewer)
    }

    /// The state now; nil: the agent has gone.
    func document(socketsFor wanted: Set<Int>) async throws -> JSONValue? {
        guard let agent else { return nil }
        let snapshot = await agent.snapshot(sockets: !wanted.isEmpty)
        for notice in snapshot.events {
            events.append((nextEvent, notice))
            nextEvent += 1
        }
        if events.count > AttachProtocol.events { events.removeFirst(events.count - AttachProtocol.events) }
        origins = Dictionary(snapshot.hosts.map { ($0.id, $0.origin) }) { $1 }
        return try AgentDocument.make(snapshot, events: events, socketsFor: wanted)
    }

    // MARK: Changes

    /// - Returns: what was done, in a sentence.
    func set(_ name: String, to value: JSONValue, host: Int?, by viewer: Int) async throws -> String {
        guard let setting = MonitorSetting.named(name) else { throw Refusal(why: "the agent has no setting \(name)") }
        var trial = AgentSettings()
        guard setting.set(value, &trial) else { throw Refusal(why: "\(value.line) is no value of \(name)") }
        if host != nil, !setting.isPerHost { throw Refusal(why: "\(name) is the same for all hosts") }
        let subject = Subject(setting: name, origin: try origin(of: host))
        if originals[subject] == nil { originals[subject] = try await current(setting, subject) }
        try await apply(setting, value, subject)
        changes.removeAll { $0.viewer == viewer && $0.subject == subject }
        changes.append(Change(viewer: viewer, subject: subject, value: value))
        return "\(name) is \(value.line) for \(subject.origin ?? "all hosts")"
    }

    /// - Returns: what was done, in a sentence.
    func closeIdle(host: Int?) async throws -> String {
        let origin = try origin(of: host)
        guard let agent else { throw Refusal(why: "the agent has ended") }
        await agent.closeIdle(host: host)
        return "idle connections to \(origin ?? "all hosts") are closed"
    }

    func restore(_ viewer: Int) async {
        let own = changes.filter { $0.viewer == viewer }
        changes.removeAll { $0.viewer == viewer }
        // The latest change is put back first.
        for change in own.reversed() {
            guard let setting = MonitorSetting.named(change.subject.setting) else { continue }
            let left = changes.last { $0.subject == change.subject }
            guard let value = left?.value ?? originals[change.subject] else { continue }
            if left == nil { originals[change.subject] = nil }
            do { try await apply(setting, value, change.subject) } catch {
                // An agent that has ended has nothing to put back.
            }
        }
    }

    private func origin(of host: Int?) throws -> String? {
        guard let host else { return nil }
        guard let origin = origins[host] else { throw Refusal(why: "the agent has no host \(host)") }
        return origin
    }

    private func current(_ setting: MonitorSetting, _ subject: Subject) async throws -> JSONValue {
        guard let agent else { throw Refusal(why: "the agent has ended") }
        return setting.value(try await agent.settings(for: subject.origin))
    }

    private func apply(_ setting: MonitorSetting, _ value: JSONValue, _ subject: Subject) async throws {
        guard let agent else { throw Refusal(why: "the agent has ended") }
        var settings = try await agent.settings(for: subject.origin)
        _ = setting.set(value, &settings)
        if setting.name == "keepAlive" {
            try await agent.setKeepAlive(settings.keepAlive, for: subject.origin)
        } else if let origin = subject.origin {
            try await agent.update(settings, for: origin)
        } else {
            await agent.update(settings)
        }
    }
}
