import AttachProtocol
import NIOPosix
package import PlainDocuments
package import PoolModel
import Synchronization

/// An agent in another process: its snapshots, and changes of its settings. Each question waits for its answer on a thread of its
/// own, one at a time, so an agent that is slow holds up nobody but its viewer.
package final class AttachSession: Sendable {
    private struct Link {
        var socket: AttachSocket
        var document = AttachedDocument()
        var number = 0

        /// Asks, and waits for the answer. Lines that answer something else are skipped, as those of a later version may be.
        mutating func ask(_ type: String, _ fields: [String: JSONValue]) throws(AttachError) -> JSONValue {
            number += 1
            var members = [
                JSONValue.Member(key: "type", value: .string(type)),
                JSONValue.Member(key: "id", value: .integer(number)),
            ]
            for (key, value) in fields.sorted(by: { $0.key < $1.key }) { members.append(.init(key: key, value: value)) }
            try socket.write(.object(members))
            for _ in 0..<Self.mostOthers {
                let line = try socket.readLine()
                guard line["id"] == .integer(number), case .string(let kind)? = line["type"] else { continue }
                guard kind == "refused" else { return line }
                guard case .string(let why)? = line["why"] else { break }
                throw AttachError(PlainText.clean(why), isRefusal: true)
            }
            throw AttachError("the agent does not answer what it was asked")
        }

        private static let mostOthers = 100
    }

    /// The first line of the agent.
    package let hello: AttachHello
    /// True: this viewer may change settings. The agent refuses it otherwise.
    package let mayChange: Bool
    private let link: Mutex<Link?>
    private let threads = NIOThreadPool(numberOfThreads: 1)

    /// Connects to the agent behind a socket.
    ///
    /// - Parameters:
    ///   - path: the socket.
    ///   - viewer: the name and version of this program.
    ///   - mayChange: settings may be changed. Whatever was is put back by the agent when this viewer is gone.
    /// - Throws: why there is no agent, or why it is not trusted.
    package init(path: String, viewer: String, mayChange: Bool) throws(AttachError) {
        let socket = try AttachSocket(path: path)
        let own: JSONValue =
            .object([
                "type": .string("hello"), "protocol": .string(AttachProtocol.name), "viewer": .string(viewer),
                "allowChanges": .bool(mayChange),
            ])
        // An agent that takes no more viewers says so and closes, maybe before it has read anything.
        var failure: AttachError?
        do throws(AttachError) { try socket.write(own) } catch { failure = error }
        hello = try AttachHello(try socket.readLine())
        if let failure { throw failure }
        self.mayChange = mayChange
        link = Mutex(Link(socket: socket))
        threads.start()
    }

    /// Makes a snapshot of the agent's state.
    /// - Throws: `AttachError` when the agent is gone, or does not follow the protocol.
    package func snapshot(socketsFor wanted: Set<Int> = []) async throws -> AgentSnapshot {
        try await onThread { link throws(AttachError) in
            let hosts = wanted.sorted().map { JSONValue.integer($0) }
            let base = link.document.base
            let answer = try link.ask("get", ["base": .integer(base), "sockets": .array(hosts)])
            return try link.document.take(answer, number: link.number)
        }
    }

    /// Changes a setting, for one host or for all.
    ///
    /// - Returns: what the agent says that it did, in sentences.
    /// - Throws: `AttachError` with what the agent says against it.
    package func set(_ setting: String, to value: JSONValue, host: Int?) async throws -> [String] {
        try await change("set", ["setting": .string(setting), "value": value], host: host)
    }

    /// Closes idle connections, to one host or to all.
    package func closeIdle(host: Int?) async throws -> [String] { try await change("closeIdle", [:], host: host) }

    private func change(_ type: String, _ fields: [String: JSONValue], host: Int?) async throws -> [String] {
        try await onThread { link throws(AttachError) in
            var fields = fields
            if let host { fields["host"] = .integer(host) }
            let answer = try link.ask(type, fields)
            guard case .array(let effects)? = answer["effects"] else { return [] }
            return effects.prefix(8).compactMap { effect in
                guard case .string(let text) = effect else { return nil }
                return PlainText.clean(text)
            }
        }
    }

    /// Leaves the agent, which puts back what was changed.
    package func shutdown() async throws {
        link.withLock { $0 = nil }
        try await threads.shutdownGracefully()
    }

    private func onThread<Answer: Sendable>(
        _ ask: @escaping @Sendable (inout Link) throws(AttachError) -> Answer
    ) async throws -> Answer {
        try await threads.runIfActive { [self] in
            try link.withLock { link in
                guard var open = link else { throw AttachError("pooltop has left the agent") }
                do throws(AttachError) {
                    let answer = try ask(&open)
                    link = open
                    return answer
                } catch {
                    // After an answer that did not follow the protocol there is no way back to the beginning of one.
                    link = error.isRefusal ? open : nil
                    throw error
                }
            }
        }
    }
}
