import Foundation
import PlainDocuments
import PoolModel
import Testing

@testable import Attach

/// The example exchange of the documents, and agents that do not tell the truth.
@Suite struct AttachedDocumentTests {
    private func exchange() throws -> [(isAgent: Bool, line: JSONValue)] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let article = folder.appendingPathComponent("../../Sources/pooltop/Pooltop.docc/Attaching.md")
        let lines = try String(contentsOf: article, encoding: .utf8).split(separator: "\n")
        return try lines.filter { $0.hasPrefix("< {") || $0.hasPrefix("> {") }.map { line in
            (line.hasPrefix("<"), try JSONReader.value(of: Array(line.dropFirst(2).utf8)[...]))
        }
    }

    @Test("The example exchange of the documents is understood to its end")
    func example() throws {
        let lines = try exchange()
        let hello = try AttachHello(try #require(lines.first).line)
        #expect(hello.runtime.hasPrefix("node v") && hello.pid > 0 && hello.thread == 0 && hello.closesIdle)
        #expect(hello.settings.contains("keepAlive") && hello.perHost.contains("maxSockets"))
        var document = AttachedDocument()
        var snapshots: [AgentSnapshot] = []
        for (isAgent, line) in lines where isAgent && line["type"] == .string("snapshot") {
            guard case .integer(let id)? = line["id"] else { continue }
            snapshots.append(try document.take(line, number: id))
        }
        try #require(snapshots.count >= 3)
        let hosts = snapshots.map { $0.hosts.first?.metrics }
        let started = hosts.map { $0?.requests.started ?? -1 }
        #expect(started == started.sorted() && started[0] > 0)
        #expect(snapshots[0].hosts.first?.sockets?.count == 2 && snapshots[0].source?.kind == .attach)
        #expect(
            snapshots.allSatisfy {
                $0.totals.connections.opened == $0.totals.connections.closed + $0.totals.connections.open
            })
        #expect(snapshots[0].totals.latency.response.count == snapshots[0].totals.requests.succeeded)
        let last = try #require(snapshots.last)
        #expect(last.events.map(\.kind) == [.keepAliveOff] && !last.keepAlive)
        #expect(document.countsThatFell == 0)
    }

    private func first() throws -> (AttachedDocument, JSONValue) {
        let line = try #require(try exchange().first { $0.line["type"] == .string("snapshot") }?.line)
        return (AttachedDocument(), line)
    }

    @Test("A total that goes down stays where it was, and is counted")
    func fallingCounts() throws {
        var (document, line) = try first()
        let before = try document.take(line, number: 1)
        let patch: JSONValue = .object([
            "id": .integer(2), "base": .integer(1),
            "patch": .object([
                "hosts": .object([
                    "0": .object(["metrics": .object(["requests": .object(["started": .integer(-5)])])])
                ])
            ]),
        ])
        let after = try document.take(patch, number: 2)
        #expect(after.totals.requests.started == before.totals.requests.started && document.countsThatFell == 1)
    }

    @Test("A difference to a snapshot that was not asked for is refused")
    func otherBase() throws {
        var (document, line) = try first()
        _ = try document.take(line, number: 1)
        #expect(throws: AttachError.self) {
            try document.take(.object(["base": .integer(7), "patch": .object([])]), number: 2)
        }
    }

    @Test("An answer without a needed member says which one is missing")
    func missingMember() {
        var document = AttachedDocument()
        #expect(throws: AttachError("the agent's snapshot is not one: 'sequence' is missing")) {
            try document.take(.object(["base": .integer(0), "patch": .object(["hosts": .object([])])]), number: 1)
        }
    }

    @Test(
        "Something that is no agent, or one of another version, is refused in words",
        arguments: [
            ("{}", "does not say hello"),
            (#"{"type":"hello","protocol":"pooltop.attach/9","pid":1}"#, "only pooltop.attach/1"),
            (#"{"type":"hello","protocol":"pooltop.attach/1","pid":-4}"#, "in which process"),
        ])
    func hellos(line: String, words: String) throws {
        let value = try JSONReader.value(of: Array(line.utf8)[...])
        let error = #expect(throws: AttachError.self) { try AttachHello(value) }
        #expect(error?.description.contains(words) == true)
    }

    @Test("Bytes that were changed at random neither trap nor make a total go down")
    func changedBytes() throws {
        var random = SplitMix64(seed: 11)
        let lines = try exchange().filter { $0.line["type"] == .string("snapshot") }.map(\.line)
        for _ in 0..<400 {
            var document = AttachedDocument()
            var started = 0
            for (index, line) in lines.enumerated() {
                var bytes = Array(line.line.utf8)
                for _ in 0..<Int(random.next() % 4) {
                    bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
                }
                do {
                    let value = try JSONReader.value(of: bytes[...])
                    let snapshot = try document.take(value, number: index + 1)
                    let now = snapshot.hosts.first { $0.id == 0 }?.metrics.requests.started ?? started
                    #expect(now >= started)
                    started = now
                } catch { continue }
            }
        }
    }
}
