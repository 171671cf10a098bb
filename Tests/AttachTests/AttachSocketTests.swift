import AttachProtocol
import Foundation
import Glibc
import PlainDocuments
import TestSupport
import Testing

@testable import Attach

/// The checks before anything is read from a socket, and agents that fall silent or say nonsense.
@Suite(.serialized) struct AttachSocketTests {
    /// A listening socket in a directory of its own, and what answers each connection.
    private final class FakeAgent: Sendable {
        let folder: String
        var path: String { folder + "/node-\(getpid()).sock" }
        private let listener: CInt
        private let ended = DispatchSemaphore(value: 0)

        init(mode: mode_t = 0o700, answering answer: @escaping @Sendable (CInt) -> Void) throws {
            folder = FileManager.default.temporaryDirectory.path + "/agent-\(UUID().uuidString.prefix(8))"
            try #require(mkdir(folder, 0o700) == 0 && chmod(folder, mode) == 0)
            listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array((folder + "/node-\(getpid()).sock").utf8)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(bound == 0 && listen(listener, 8) == 0)
            Thread.detachNewThread { [listener, ended] in
                defer { ended.signal() }
                while true {
                    let connection = accept(listener, nil, nil)
                    guard connection >= 0 else { return }
                    answer(connection)
                    close(connection)
                }
            }
        }

        func end() {
            Glibc.shutdown(listener, CInt(SHUT_RDWR))
            // The next agent may get the number of this descriptor, and is not to be answered for by this one's thread.
            ended.wait()
            close(listener)
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    private static func say(_ text: String, on connection: CInt) { _ = write(connection, text, text.utf8.count) }

    private func reason(_ path: String) -> String {
        do {
            _ = try AttachSession(path: path, viewer: "test", mayChange: false)
            return "attached"
        } catch { return error.description }
    }

    @Test("A directory that others may enter is refused, and so are links, files and nothing at all")
    func untrustedPlaces() throws {
        let open = try FakeAgent(mode: 0o755) { _ in }
        defer { open.end() }
        #expect(reason(open.path).contains("is open to other users"))
        let agent = try FakeAgent { _ in }
        defer { agent.end() }
        let link = agent.folder + "/link.sock"
        try #require(symlink(agent.path, link) == 0)
        #expect(reason(link).contains("is not a socket"))
        #expect(reason(agent.folder + "/none.sock").contains("there is no socket"))
        #expect(reason(agent.folder).contains("is not a socket"))
    }

    @Test(
        "An agent that says nonsense is left with a sentence",
        arguments: [
            ("hello\n", "not JSON"), ("{}\n", "does not say hello"), ("", "the agent is gone"),
            (#"{"type":"refused","id":0,"why":"Eight viewers are connected."}"# + "\n", "Eight viewers"),
        ])
    func nonsense(text: String, words: String) throws {
        let agent = try FakeAgent { Self.say(text, on: $0) }
        defer { agent.end() }
        #expect(reason(agent.path).contains(words))
    }

    @Test("A line that does not end is given up at four mebibytes")
    func endlessLine() throws {
        let agent = try FakeAgent { connection in
            let chunk = [UInt8](repeating: 32, count: 1 << 16)
            while send(connection, chunk, chunk.count, CInt(MSG_NOSIGNAL)) > 0 {}
        }
        defer { agent.end() }
        #expect(reason(agent.path).contains("more than 4 MiB"))
    }

    @Test("Names of sockets tell runtime, process and thread")
    func places() {
        let place = AttachPlaces.Place(name: "node-4711-2.sock", in: "/run/a")
        #expect(place?.pid == 4711 && place?.thread == 2 && place?.path == "/run/a/node-4711-2.sock")
        #expect(AttachPlaces.Place(name: "node-4711.sock", in: "/run/a")?.thread == 0)
        for name in ["node-.sock", "node-x.sock", "4711.sock", "node-4711", "-4711.sock", "node-1-2-3.sock"] {
            #expect(AttachPlaces.Place(name: name, in: "/run/a") == nil, "\(name)")
        }
        #expect(AttachPlaces.directory(["XDG_RUNTIME_DIR": "/run/user/5"]) == "/run/user/5/pooltop")
        #expect(AttachPlaces.directory([:], user: 7) == "/tmp/pooltop-7")
        #expect(AttachPlaces.directory(["POOLTOP_ATTACH_DIR": "/a", "XDG_RUNTIME_DIR": "/b"]) == "/a")
    }
}
