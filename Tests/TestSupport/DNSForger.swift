package import DNSWire
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A DNS server that is slow to answer, and a forger who floods its client with false answers meanwhile.
///
/// The forger is better placed than any that there is: he sees each query, may send from the server's own address and
/// port, and gets all but one thing right. What must save the client is that one thing. His answers carry an address of
/// 203.0.113.0/24, so that one that was believed can be told.
package final class DNSForger: Sendable {
    /// The one thing that is wrong; everything else is right.
    package enum Flaw: Int, CaseIterable, Sendable {
        /// Sent by the server's socket to the query's port, with another id.
        case id
        /// The id is right, and the question another name's.
        case question
        /// Sent from the server's address and another port.
        case senderPort
        /// Sent from another address and the server's port.
        case senderAddress
        /// Sent to another port of the client's machine.
        case destination
        /// Both id and port are guessed, as by somebody who sees nothing.
        case guess
    }

    /// One query that waits for its answer.
    private struct Pending {
        var id: UInt16
        var client: sockaddr_in
        var answerAt: ContinuousClock.Instant
        /// Encoded once; the first two bytes are the id.
        var answer: [UInt8]
        var forgery: [UInt8]
        var forgeryOfAnotherName: [UInt8]
    }

    private struct State {
        var pending: [Pending] = []
        var sent = [Int](repeating: 0, count: Flaw.allCases.count)
        var answered = 0
        var isStopped = false
    }

    package struct CannotStart: Error {
        package let what: String
    }

    package let server: DNSServerAddress
    package static let truth = IPAddress(v4: 0xC000_0201)
    private static let lie = IPAddress(v4: 0xCB00_7101)

    private let delay: Duration
    private let state = Mutex(State())
    private let serverSocket: Int32
    private let otherPortSocket: Int32
    private let otherAddressSocket: Int32

    /// Where a forgery goes that guesses the client's port; nil: to any port of the machine.
    private let wrongPort: UInt16?

    /// Its true answers take as long as `delay` says. Unless `mayHitOthers`, forgeries with a wrong port all go to a port of
    /// the forger's own: a flood over all ports reaches the sockets of every test beside this one.
    package init(delay: Duration, mayHitOthers: Bool) throws {
        self.delay = delay
        (serverSocket, otherPortSocket) = (try Self.bound(to: 0x7F00_0001, 0), try Self.bound(to: 0x7F00_0001, 0))
        let port = try Self.port(of: serverSocket)
        wrongPort = mayHitOthers ? nil : try Self.port(of: otherPortSocket)
        otherAddressSocket = try Self.bound(to: 0x7F00_0002, port)
        server = DNSServerAddress(address: .loopbackV4, port: port)
    }

    /// Answers, and forges `perSecond` packets a second, until `stop`.
    package func start(perSecond: Int) {
        Thread.detachNewThread { self.serve() }
        Thread.detachNewThread { self.forge(perSecond: perSecond) }
    }

    /// The sockets are closed by the end of the process: a thread may be about to use them.
    package func stop() { state.withLock { $0.isStopped = true } }

    package var answered: Int { state.withLock { $0.answered } }

    package func sent(_ flaw: Flaw) -> Int { state.withLock { $0.sent[flaw.rawValue] } }

    package var sent: Int { state.withLock { $0.sent.reduce(0, +) } }

    // MARK: The server

    private func serve() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while !state.withLock({ $0.isStopped }) {
            var ready = pollfd(fd: serverSocket, events: Int16(POLLIN), revents: 0)
            if poll(&ready, 1, 1) > 0 { receive(into: &bytes) }
            let due = state.withLock { state in
                let now = ContinuousClock.now
                let due = state.pending.filter { $0.answerAt <= now }
                state.pending.removeAll { $0.answerAt <= now }
                state.answered += due.count
                return due
            }
            for query in due { send(query.answer, id: query.id, from: serverSocket, to: query.client) }
        }
    }

    private func receive(into bytes: inout [UInt8]) {
        while true {
            var client = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &client) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(serverSocket, &bytes, bytes.count, Int32(MSG_DONTWAIT), $0, &size)
                }
            }
            guard count > 0 else { return }
            guard let query = try? Message(decoding: Array(bytes[..<count])) else { continue }
            let pending = pending(query, client)
            state.withLock { $0.pending.append(pending) }
        }
    }

    private func pending(_ query: Message, _ client: sockaddr_in) -> Pending {
        func answer(_ address: IPAddress, _ change: (inout Message) -> Void = { _ in }) -> [UInt8] {
            var response = query.response()
            response.recursionAvailable = true
            change(&response)
            if let asked = response.questions.first, asked.type == .a {
                response.answers = [.address(asked.name, address, ttlSeconds: 3600)]
            }
            return response.encoded()
        }
        return Pending(
            id: query.id, client: client, answerAt: .now + delay, answer: answer(Self.truth), forgery: answer(Self.lie),
            forgeryOfAnotherName: answer(Self.lie) { message in
                guard let other = DomainName("www.bank.example"), let type = message.questions.first?.type else {
                    return
                }
                message.questions = [Question(name: other, type: type)]
            })
    }

    // MARK: The forger

    private func forge(perSecond: Int) {
        let begun = ContinuousClock.now
        var random = SystemRandomNumberGenerator()
        var count = 0
        while true {
            let elapsed = begun.duration(to: .now)
            let due = Int(
                Double(perSecond) * (Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
            )
            // It catches up after a busy machine has delayed it, but only to a limit.
            for _ in 0..<min(max(0, due - count), 2000) {
                guard let query = state.withLock({ $0.isStopped ? nil : $0.pending.randomElement(using: &random) })
                else { break }
                let flaw = Flaw.allCases[count % Flaw.allCases.count]
                count += 1
                if forge(query, flaw, &random) { state.withLock { $0.sent[flaw.rawValue] += 1 } }
            }
            count = max(count, due - 2000)
            if state.withLock({ $0.isStopped }) { return }
            usleep(500)
        }
    }

    /// False where the kernel did not take it, or a guess was right.
    private func forge(_ query: Pending, _ flaw: Flaw, _ random: inout SystemRandomNumberGenerator) -> Bool {
        let otherID = query.id ^ UInt16.random(in: 1 ... .max, using: &random)
        var elsewhere = query.client
        elsewhere.sin_port = (wrongPort ?? UInt16.random(in: 32_768...60_999, using: &random)).bigEndian
        let isElsewhere = elsewhere.sin_port != query.client.sin_port
        switch flaw {
        case .id: return send(query.forgery, id: otherID, from: serverSocket, to: query.client)
        case .question: return send(query.forgeryOfAnotherName, id: query.id, from: serverSocket, to: query.client)
        case .senderPort: return send(query.forgery, id: query.id, from: otherPortSocket, to: query.client)
        case .senderAddress: return send(query.forgery, id: query.id, from: otherAddressSocket, to: query.client)
        case .destination: return isElsewhere && send(query.forgery, id: query.id, from: serverSocket, to: elsewhere)
        case .guess: return isElsewhere && send(query.forgery, id: otherID, from: serverSocket, to: elsewhere)
        }
    }

    @discardableResult
    private func send(_ bytes: [UInt8], id: UInt16, from socket: Int32, to client: sockaddr_in) -> Bool {
        var bytes = bytes
        (bytes[0], bytes[1]) = (UInt8(id >> 8), UInt8(id & 255))
        return withUnsafePointer(to: client) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(socket, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == bytes.count
            }
        }
    }

    // MARK: Sockets

    private static func bound(to address: UInt32, _ port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw CannotStart(what: "socket") }
        var own = sockaddr_in()
        own.sin_family = sa_family_t(AF_INET)
        own.sin_addr.s_addr = address.bigEndian
        own.sin_port = port.bigEndian
        let isBound = withUnsafePointer(to: own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else { throw CannotStart(what: "bind") }
        return descriptor
    }

    private static func port(of descriptor: Int32) throws -> UInt16 {
        var own = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) == 0 }
        }
        guard isKnown else { throw CannotStart(what: "getsockname") }
        return UInt16(bigEndian: own.sin_port)
    }
}
