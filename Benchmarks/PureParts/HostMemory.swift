import AgentCore
import DNSWire
import PoolModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The memory of origins that were visited once: a name, a connection, one exchange, and then nothing.
enum HostMemory {
    static let name = "memory: one of 10,000 origins visited once"
    private static let count = 10_000

    static func show() {
        let before = residentBytes
        let machine = visitAll()
        let bytes = (residentBytes - before) / count
        precondition(machine.hosts.count == count)
        print("\(name): \(bytes) bytes, goal ≤ 4096\(bytes <= 4096 ? "  within" : "  NOT within")")
    }

    /// From /proc/self/statm, whose second number is in pages.
    private static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 200)
        guard fgets(&line, CInt(line.count), file) != nil else { return 0 }
        let numbers = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: " ")
        return (Int(numbers[1]) ?? 0) * sysconf(CInt(_SC_PAGESIZE))
    }

    private static func visitAll() -> AgentMachine {
        var now = Moment(nanoseconds: .seconds(1))
        var machine = AgentMachine(settings: AgentSettings(), seed: 1, now: now)
        let get = machine.intern(method: "GET")
        for number in 0..<count {
            let name = "service-\(number).example.internal"
            let host = machine.addHost(
                HostDescription(
                    name: "\(name):8080", origin: "http://\(name):8080", isTLS: false, port: 8080, location: .name(name)
                ))
            machine.handle(
                .requestArrived(RequestID(0), RequestArrival(host: host, method: get, plannedAt: now)), now: now)
            var connection = ConnectionID.none
            while let effect = machine.nextEffect() {
                now = now + .microseconds(300)
                switch effect {
                case .resolve(let name, let id):
                    let addresses = [IPAddress(v4: 0x0A00_0000 + UInt32(number))]
                    machine.handle(
                        .resolved(
                            name, for: id, .addresses(addresses, ttlSeconds: 60, source: .dns), elapsed: 300_000),
                        now: now)
                case .connect(let id, let attempt, _):
                    machine.handle(.connected(id, attempt: attempt, localPort: 40_000), now: now)
                case .assign(_, let id, _, _):
                    connection = id
                    machine.handle(.requestWritten(id, bytes: 100), now: now)
                    machine.handle(.responseHead(id, status: 200, KeepAliveHint()), now: now + .microseconds(400))
                    machine.handle(.exchangeEnded(id, closing: nil, bytesReceived: 300), now: now + .microseconds(500))
                case .abandonAttempt, .abortDial, .measureSilence, .drainBody, .close, .detach, .succeed, .fail,
                    .cancelled, .drained:
                    break
                }
            }
            machine.handle(
                .connectionEnded(connection, .finished, cause: .peerClosed, sawByte: false, bytesReceived: 0),
                now: now + .milliseconds(1))
            while machine.nextEffect() != nil {}
        }
        return machine
    }
}
