import DNSWire
import PoolModel

@testable import WatchCore

/// The shadow kernel as it can be seen from outside.
extension ShadowKernel {
    func record(of connection: Connection) -> SocketRecord {
        var figures = connection.figures
        figures.lastSentMilliseconds = UInt32(max(0, (now - connection.sentAt) / 1_000_000))
        figures.lastReceivedMilliseconds = UInt32(max(0, (now - connection.receivedAt) / 1_000_000))
        return SocketRecord(
            cookie: connection.cookie, state: .established, pair: connection.pair,
            user: processes[connection.owner].user, inode: connection.inode, tcp: figures)
    }

    /// All sockets, those of servers too, in any order.
    mutating func dump() -> [SocketRecord] {
        var records = servers.enumerated().map { index, server in
            SocketRecord(
                cookie: 1 << 40 | UInt64(index), state: .listen,
                pair: SocketPair(local: server, remote: Endpoint(address: IPAddress(ipv4: 0), port: 0)))
        }
        for index in connections.indices {
            let own = record(of: connections[index])
            records.append(own)
            var other = own
            other.cookie += 1
            other.inode += 1
            other.pair = SocketPair(local: own.pair.remote, remote: own.pair.local)
            records.append(other)
        }
        return records.shuffled(using: &random)
    }

    /// Called when a dump was handled: those that ended before count as never dumped.
    mutating func noteDumped(_ records: [SocketRecord]) {
        let cookies = Set(records.map(\.cookie))
        for index in connections.indices where cookies.contains(connections[index].cookie) {
            connections[index].wasDumped = true
        }
    }

    /// Called when the owners of these processes were read.
    mutating func noteOwned(_ pids: Set<Int>) {
        for index in connections.indices where connections[index].wasDumped && !connections[index].wasOwned {
            let process = processes[connections[index].owner]
            guard process.isReadable && pids.contains(process.pid) else { continue }
            connections[index].wasOwned = true
            if !connections[index].isBase { count(connections[index]) { $0.owned += 1 } }
        }
    }

    func owners(of pids: Set<Int>) -> [UInt64: Int] {
        var owners: [UInt64: Int] = [:]
        for connection in connections {
            let process = processes[connection.owner]
            if process.isReadable && pids.contains(process.pid) { owners[connection.inode] = process.pid }
        }
        return owners
    }

    /// The open connections of these processes, as if they were new, and now and then one that a process accepted.
    mutating func glimpses(of pids: Set<Int>) -> [Int: Glimpse] {
        var found: [Int: Glimpse] = [:]
        for connection in connections {
            let process = processes[connection.owner]
            guard process.isReadable && pids.contains(process.pid) else { continue }
            found[process.pid, default: Glimpse(added: 0)].added += 1
        }
        if let server = servers.first, let pid = pids.min(), random.next() % 8 == 0 {
            found[pid, default: Glimpse(added: 0)].added += 1
            found[pid]?.accepts.insert(server.port)
        }
        return found
    }

    var processFacts: [ProcessFacts] {
        processes.map {
            ProcessFacts(
                pid: $0.pid, parent: $0.parent, startTicks: $0.startTicks, command: "/usr/bin/\($0.name) --serve",
                name: $0.name, user: $0.user, userName: "user\($0.user)", cpuSeconds: now.nanoseconds.asSeconds / 10,
                isReadable: $0.isReadable)
        }
    }

    /// The sum over all processes and servers.
    var total: Truth {
        var sum = Truth()
        for part in truth.values {
            sum.opened += part.opened
            sum.closed += part.closed
            sum.closedByPeer += part.closedByPeer
            sum.closedByProcess += part.closedByProcess
            sum.started += part.started
            sum.completed += part.completed
            sum.owned += part.owned
        }
        return sum
    }
}
