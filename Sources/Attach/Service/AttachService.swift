import AttachProtocol
import NIOCore
import NIOPosix
package import PlainDocuments
package import PoolModel
import Watch
import WatchCore

/// The agents of one service: those of a process, of its worker threads, and of the processes that it began, with what the kernel
/// counts of their connections beside them.
package actor AttachService {
    private struct Agent {
        let member: ServiceMerge.Member
        let session: AttachSession
    }

    /// Every agent that comes later gets what was changed for all of them.
    private struct Change {
        let setting: String
        let value: JSONValue
    }

    private static let pauseBetweenLooks = Duration.seconds(1)

    /// The first line of the first agent.
    package nonisolated let hello: AttachHello
    private let directory: String
    private let viewer: String
    private let mayChange: Bool
    private var agents: [Agent]
    private var merge = ServiceMerge()
    private var changes: [Change] = []
    /// HTTP keep-alive as this viewer switched it since the latest snapshot, for a host by its name, or for all (nil).
    private var switched: [String?: Bool] = [:]
    private var witness: KernelWitness?
    /// The process that is shown; nil: all of them.
    private var shown: Int?
    private var latestLook: ContinuousClock.Instant?
    /// Sockets that were no agents of this service, or could not be used.
    private var others: Set<String> = []

    /// Attaches to an agent, and to those that belong to it, now and as they come.
    ///
    /// - Parameters:
    ///   - path: the socket of the first.
    ///   - viewer: the name and version of this program.
    ///   - mayChange: settings may be changed.
    /// - Throws: why there is no agent, or why it is not trusted.
    package init(path: String, viewer: String, mayChange: Bool) throws(AttachError) {
        let first = try AttachSession(path: path, viewer: viewer, mayChange: mayChange)
        hello = first.hello
        directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        self.viewer = viewer
        self.mayChange = mayChange
        agents = [Agent(member: ServiceMerge.Member(pid: first.hello.pid, thread: first.hello.thread), session: first)]
        others = [path]
        witness = KernelWitness(pid: first.hello.pid)
    }

    /// Makes a snapshot of the service's state.
    /// - Throws: `AttachError` when its last agent is gone.
    package func snapshot(socketsFor wanted: Set<Int>) async throws -> AgentSnapshot {
        await addNewAgents()
        await beginCount()
        try await askAll(wanted)
        switched = [:]
        guard var snapshot = merge.snapshot(of: shown) else { throw AttachError("no agent is left") }
        if var witness {
            let all = shown == nil ? snapshot : merge.snapshot() ?? snapshot
            snapshot.source?.kernel = await witness.count(beside: all)
            if witness.isDivided { snapshot.source?.notes.append(SourceNote(.sharesEstimated)) }
            self.witness = witness
        }
        return snapshot
    }

    private func beginCount() async {
        guard var witness else { return }
        await witness.begin()
        self.witness = witness
    }

    private func askAll(_ wanted: Set<Int>) async throws {
        let answers = await withTaskGroup(of: (Int, Result<AgentSnapshot, any Error>).self) { group in
            for (place, agent) in agents.enumerated() {
                let hosts = merge.numbers(of: wanted, in: agent.member)
                group.addTask {
                    do { return (place, .success(try await agent.session.snapshot(socketsFor: hosts))) } catch {
                        return (place, .failure(error))
                    }
                }
            }
            var answers: [(Int, Result<AgentSnapshot, any Error>)] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }
        }
        var gone: [Int: any Error] = [:]
        for (place, answer) in answers {
            switch answer {
            case .success(let snapshot):
                merge.take(snapshot, of: agents[place].member, named: agents[place].session.hello.name)
            case .failure(let error): gone[place] = error
            }
        }
        if let error = gone.values.first, gone.count == agents.count { throw error }
        for place in gone.keys.sorted(by: >) {
            merge.end(agents[place].member)
            let agent = agents.remove(at: place)
            await leave(agent.session)
        }
    }

    /// Workers may begin and end at any time.
    private func addNewAgents() async {
        let now = ContinuousClock.now
        if let latestLook, now - latestLook < Self.pauseBetweenLooks { return }
        latestLook = now
        for place in AttachPlaces.list(directory) where !others.contains(place.path) && isOfService(place.pid) {
            others.insert(place.path)
            guard let session = await opened(place.path) else { continue }
            await apply(changes, to: session)
            agents.append(
                Agent(member: .init(pid: session.hello.pid, thread: session.hello.thread), session: session))
        }
    }

    /// nil: the agent is gone again, or takes no more viewers.
    private func opened(_ path: String) async -> AttachSession? {
        do {
            return try await NIOSingletons.posixBlockingThreadPool.runIfActive { [viewer, mayChange] in
                try AttachSession(path: path, viewer: viewer, mayChange: mayChange)
            }
        } catch {
            return nil
        }
    }

    private func apply(_ changes: [Change], to session: AttachSession) async {
        for change in changes {
            do { _ = try await session.set(change.setting, to: change.value, host: nil) } catch {
                // It was asked of those that were there, which said what they had against it.
            }
        }
    }

    private func leave(_ session: AttachSession) async {
        do { try await session.shutdown() } catch {
            // Its thread has ended before.
        }
    }

    /// True: it is the process that was attached to, or descends from it.
    private func isOfService(_ pid: Int) -> Bool {
        var pid = pid
        for _ in 0..<64 {
            if pid == hello.pid { return true }
            guard pid > 1, let parent = Self.parent(of: pid) else { return false }
            pid = parent
        }
        return false
    }

    /// nil: it has ended.
    private static func parent(of pid: Int) -> Int? {
        do throws(WatchError) { return try ProcessLook(pid).facts?.parent } catch { return nil }
    }

    // MARK: What the viewer asks for

    /// Shows one process of the service, or all again.
    package func choose(pid: Int?) { shown = pid }

    /// Changes a setting, for one host or for all, in every agent.
    ///
    /// - Returns: what an agent says that it did, in sentences.
    /// - Throws: `AttachError` with what the agents say against it, if none does it.
    package func set(_ setting: String, to value: JSONValue, host: Int?) async throws -> [String] {
        if host == nil {
            changes.removeAll { $0.setting == setting }
            changes.append(Change(setting: setting, value: value))
        }
        return try await inAll(host) { try await $0.set(setting, to: value, host: $1) }
    }

    /// The same for the host of this name; nil: all hosts.
    package func set(_ setting: String, to value: JSONValue, hostNamed name: String?) async throws -> [String] {
        guard let name else { return try await set(setting, to: value, host: nil) }
        guard let host = merge.host(named: name) else {
            throw AttachError("the process has asked no host '\(PlainText.clean(name))' yet", isRefusal: true)
        }
        return try await set(setting, to: value, host: host)
    }

    /// Switches HTTP keep-alive on where it is off, and off where it is on.
    package func toggleKeepAlive(hostNamed name: String?) async throws -> [String] {
        let isOn = switched[name] ?? merge.keepAlive(ofHostNamed: name)
        switched[name] = !isOn
        return try await set("keepAlive", to: .bool(!isOn), hostNamed: name)
    }

    /// Closes idle connections, to one host or to all.
    package func closeIdle(host: Int?) async throws -> [String] {
        try await inAll(host) { try await $0.closeIdle(host: $1) }
    }

    private func inAll(
        _ host: Int?, _ act: (AttachSession, Int?) async throws -> [String]
    ) async throws -> [String] {
        var (effects, failure): ([[String]], (any Error)?) = ([], nil)
        for agent in agents where shown == nil || agent.member.pid == shown {
            let numbers: [Int?] = host.map { merge.numbers(of: [$0], in: agent.member).map { $0 } } ?? [nil]
            for number in numbers {
                do { effects.append(try await act(agent.session, number)) } catch { failure = error }
            }
        }
        if effects.isEmpty, let failure { throw failure }
        guard effects.count > 1 else { return effects.first ?? [] }
        return ["in \(effects.count) processes and threads: \(effects[0].first ?? "done")"]
    }

    /// Leaves the agents, which put back what was changed.
    package func shutdown() async throws {
        if let witness { await witness.session.shutdown() }
        for agent in agents { try await agent.session.shutdown() }
        agents = []
    }
}
