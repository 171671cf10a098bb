import PoolModel
import TestSupport

/// A server that answers honestly for the most part, and otherwise does all that a server can do wrong: bytes that nobody
/// asked for, answers that are cut, early, stalled or no HTTP at all, FIN and RST at any moment. It moves only when told
/// to, and only by its seed.
///
/// It keeps account of what it did, so that what the agent delivers can be judged: a connection is tainted from the first
/// byte on that was no honest answer, for HTTP/1.1 cannot tell one from the other.
final class HostilePeer {
    private struct Connection {
        var descriptor: CInt
        var input: [UInt8] = []
        var output: ArraySlice<UInt8> = []
        /// Once the output is sent.
        var end = End.none
        var isTainted = false
        var hasSaidContinue = false
    }

    private enum End { case none, finish, reset }

    let port: Int
    private let listener: CInt
    private var connections: [Connection] = []
    private(set) var deeds = 0
    /// Requests that came on a connection which was or became tainted, and those that were answered honestly.
    private(set) var doubtful: Set<Int> = []
    private(set) var answered: Set<Int> = []
    private(set) var received: Set<Int> = []
    private var carried: [CInt: [Int]] = [:]
    private(set) var taints = 0
    /// Tainted connections that have ended. A request that was sent on one and never read from it may have been given what
    /// nobody asked for, also if it was read from another connection before or after.
    private var endedTainted = 0
    /// Sends answers that nobody asked for. Once it has, the agent uses each connection once; without, it uses them again.
    var pushes = true
    /// Answers everything, and does nothing wrong.
    var isHonest = false

    init?() {
        guard let (listener, port) = LoopbackListener.open(backlog: 512, isBlocking: false) else { return nil }
        (self.listener, self.port) = (listener, port)
    }

    deinit {
        for connection in connections { PeerSocket.finish(connection.descriptor) }
        PeerSocket.finish(listener)
    }

    static func status(of request: Int) -> Int { 210 + request % 80 }

    /// A new epoch, with request numbers of its own.
    func forget() {
        (doubtful, answered, received, carried, taints) = ([], [], [], [:], 0)
        endedTainted = 0
        for connection in connections { PeerSocket.reset(connection.descriptor) }
        connections = []
    }

    /// Nobody but a tainted connection can have given another answer to this request than the honest one.
    func explains(_ status: Int, of request: Int) -> Bool {
        if status == Self.status(of: request), answered.contains(request) { return true }
        if endedTainted > 0, status == 599 || status == 408 { return true }
        return doubtful.contains(request) || !received.contains(request) && taints > 0
    }

    // MARK: Moves

    func move(_ random: inout SplitMix64) {
        deeds += 1
        while let descriptor = PeerSocket.accept(listener) { connections.append(Connection(descriptor: descriptor)) }
        guard !connections.isEmpty else { return }
        let index = Int.random(in: connections.indices, using: &random)
        if read(index, &random) { return }
        write(index, &random)
        guard !isHonest, index < connections.count else { return }
        switch Int.random(in: 0..<100, using: &random) {
        case 0: end(index, resets: false)
        case 1: end(index, resets: true)
        case 2 where pushes: push(index, "HTTP/1.1 599 Forged\r\nContent-Length: 0\r\n\r\n")
        case 3 where pushes:
            push(
                index,
                ["x", "\r\n", "\r\n\r\n", "HTTP/1.1 ", "\0", "HTTP/1.1 408 Late\r\nConnection: close\r\n\r\n"]
                    .randomElement(using: &random) ?? "x")
        default: break
        }
    }

    /// True: the connection has ended.
    private func read(_ index: Int, _ random: inout SplitMix64) -> Bool {
        let most = isHonest ? 65_536 : [1, 7, 300, 65_536].randomElement(using: &random) ?? 300
        switch PeerSocket.receive(connections[index].descriptor, upTo: most) {
        case .nothing: return false
        case .end:
            end(index, resets: false)
            return true
        case .bytes(let bytes):
            connections[index].input += bytes
            while let request = nextRequest(index, &random) { plan(request, index, &random) }
            return false
        }
    }

    private func write(_ index: Int, _ random: inout SplitMix64) {
        let all = connections[index].output.count
        guard all > 0 else { return finishIfDue(index) }
        let count = isHonest || Bool.random(using: &random) ? all : Int.random(in: 1...all, using: &random)
        let sent = PeerSocket.send(connections[index].descriptor, connections[index].output.prefix(count))
        guard sent >= 0 else { return end(index, resets: false) }
        connections[index].output = connections[index].output.dropFirst(sent)
        if connections[index].output.isEmpty { finishIfDue(index) }
    }

    private func finishIfDue(_ index: Int) {
        switch connections[index].end {
        case .none: break
        case .finish: end(index, resets: false)
        case .reset: end(index, resets: true)
        }
    }

    private func end(_ index: Int, resets: Bool) {
        let connection = connections.remove(at: index)
        if connection.isTainted { endedTainted += 1 }
        carried[connection.descriptor] = nil
        if resets { PeerSocket.reset(connection.descriptor) } else { PeerSocket.finish(connection.descriptor) }
    }

    private func push(_ index: Int, _ text: String) {
        taint(index)
        connections[index].output += Array(text.utf8)
    }

    private func taint(_ index: Int) {
        taints += 1
        connections[index].isTainted = true
        doubtful.formUnion(carried[connections[index].descriptor] ?? [])
    }

    // MARK: Requests and answers

    /// The next one that has come whole. A body that waits to be asked for is asked for, most of the time.
    private func nextRequest(_ index: Int, _ random: inout SplitMix64) -> (number: Int, isHead: Bool)? {
        let input = connections[index].input
        guard let end = input.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: input[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let length = Self.bodyLength(lines, input[end.upperBound...]) else {
            let waits = lines.contains { $0.lowercased().hasPrefix("expect:") } && input.count == end.upperBound
            if waits, !connections[index].hasSaidContinue, Int.random(in: 0..<8, using: &random) > 0 {
                connections[index].hasSaidContinue = true
                connections[index].output += Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
            }
            return nil
        }
        connections[index].hasSaidContinue = false
        connections[index].input = Array(input[(end.upperBound + length)...])
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3, let number = Int(words[1].dropFirst(3)) else { preconditionFailure("\(lines)") }
        received.insert(number)
        carried[connections[index].descriptor, default: []].append(number)
        if connections[index].isTainted { doubtful.insert(number) }
        return (number, words[0] == "HEAD")
    }

    /// nil: it has not come whole.
    private static func bodyLength(_ lines: [Substring], _ rest: ArraySlice<UInt8>) -> Int? {
        if lines.contains(where: { $0.hasPrefix("Transfer-Encoding: ") }) {
            let last = Array("0\r\n\r\n".utf8)
            return rest.starts(with: last)
                ? last.count : rest.firstRange(of: Array("\r\n".utf8) + last).map { $0.upperBound - rest.startIndex }
        }
        let length = lines.compactMap { $0.hasPrefix("Content-Length: ") ? Int($0.dropFirst(16)) : nil }.first ?? 0
        return rest.count >= length ? length : nil
    }

    private func plan(_ request: (number: Int, isHead: Bool), _ index: Int, _ random: inout SplitMix64) {
        let dice = isHonest ? 0 : Int.random(in: 0..<100, using: &random)
        let (answer, closes) = honest(request, &random)
        switch dice {
        case ..<80:
            connections[index].output += Array(answer.utf8)
            answered.insert(request.number)
            if closes || dice < 3 { connections[index].end = dice == 1 ? .reset : .finish }
        case ..<84: break
        case ..<88:
            connections[index].output += Array(answer.utf8).dropLast(Int.random(in: 1...20, using: &random))
            connections[index].end = Bool.random(using: &random) ? .finish : .reset
            // A head that was cut in its fields, or a body whose end is the connection's, may still be the right one.
            answered.insert(request.number)
        case ..<92 where pushes:
            push(index, answer + "HTTP/1.1 599 Forged\r\nContent-Length: 0\r\n\r\n")
            answered.insert(request.number)
        default: push(index, Self.nonsense.randomElement(using: &random) ?? "")
        }
    }

    private static let nonsense = [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "SSH-2.0-x\r\n", "HTTP/1.1 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 101 Other\r\n\r\nbytes",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 7),
        "HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 70_000) + "\r\n\r\n",
    ]

    private func honest(
        _ request: (number: Int, isHead: Bool), _ random: inout SplitMix64
    ) -> (text: String, closes: Bool) {
        let interim = Int.random(in: 0..<20, using: &random) == 0 ? "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" : ""
        let hint = Int.random(in: 0..<8, using: &random) == 0 ? "Keep-Alive: timeout=1, max=3\r\n" : ""
        let head = "\(interim)HTTP/1.1 \(Self.status(of: request.number)) OK\r\n\(hint)"
        let count = Int.random(in: 0..<10, using: &random) == 0 ? 20_000 : Int.random(in: 0...40, using: &random)
        let body = String(repeating: "b", count: count)
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where !request.isHead && count > 0:
            let size = String(count, radix: 16)
            return ("\(head)Transfer-Encoding: chunked\r\n\r\n\(size)\r\n\(body)\r\n0\r\n\r\n", false)
        case 1:
            return ("\(head)Connection: close\r\nContent-Length: \(count)\r\n\r\n" + (request.isHead ? "" : body), true)
        case 2 where !request.isHead: return ("\(head)\r\n\(body)", true)
        default: return ("\(head)Content-Length: \(count)\r\n\r\n" + (request.isHead ? "" : body), false)
        }
    }
}
