import DNSWire
import Glibc
import TestSupport
import Testing
import WatchCore

@testable import Watch

@Suite(.serialized) struct KernelTests {
    @Test("A dump has our own listener, with its owner found by its open files")
    func listener() throws {
        let listener = try #require(LoopbackListener.open(backlog: 1, isBlocking: false))
        defer { close(listener.descriptor) }
        let sockets = try KernelSockets()
        var records: [SocketRecord] = []
        try sockets.dump(.living, into: &records)
        let record = try #require(records.first { $0.state == .listen && $0.pair.local.port == listener.port })
        var owners: [UInt64: Int] = [:]
        let proc = try ProcFiles()
        #expect(proc.addSockets(of: Int(getpid()), to: &owners))
        #expect(owners[record.inode] == Int(getpid()))
    }

    @Test("A dump of both families at once has the sockets that dumps by family have", arguments: [true, false])
    func families(atOnce: Bool) throws {
        let four = try #require(LoopbackListener.open(backlog: 1, isBlocking: false))
        let six = socket(AF_INET6, CInt(SOCK_STREAM.rawValue), 0)
        defer { for descriptor in [four.descriptor, six] where descriptor >= 0 { close(descriptor) } }
        let hasSix = six >= 0 && listen(six, 1) == 0
        let sockets = try KernelSockets(dumpsAtOnce: atOnce)
        var records: [SocketRecord] = []
        try sockets.dump(.living, into: &records)
        #expect(records.contains { $0.pair.local.port == four.port && $0.state == .listen })
        var owners: [UInt64: Int] = [:]
        #expect(try ProcFiles().addSockets(of: Int(getpid()), to: &owners))
        let wildcards = records.filter {
            owners[$0.inode] != nil && $0.pair.local.address == IPAddress(high: 0, low: 0)
        }
        #expect(wildcards.isEmpty != hasSix)
        var (begun, states): (Int, Set<TCPState>) = (0, [])
        try sockets.eachTimeWait(remotePort: nil, begin: { begun += 1 }, { states.insert($0.state) })
        #expect(begun == 1 && states.isSubset(of: [.timeWait]))
    }

    @Test("A filter by remote port leaves out the listeners and everything else")
    func filter() throws {
        let listener = try #require(LoopbackListener.open(backlog: 1, isBlocking: false))
        defer { close(listener.descriptor) }
        let sockets = try KernelSockets()
        var records: [SocketRecord] = []
        try sockets.dump(.living, remotePort: UInt16(listener.port), into: &records)
        #expect(records.isEmpty)
    }

    @Test("The kernel tells of destroyed sockets, and has no TIME_WAIT of a pair that never was")
    func events() throws {
        let sockets = try KernelSockets()
        #expect(sockets.events != nil)
        let end = Endpoint(address: IPAddress(ipv4: 0x7f00_0001), port: 1)
        #expect(!sockets.hasTimeWait(SocketPair(local: end, remote: end)))
    }

    @Test("Messages that the kernel dropped are noticed once, and those after them are read")
    func lostMessages() async throws {
        let sockets = try KernelSockets(eventBuffer: 4096)
        for _ in 0..<500 { close(socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)) }
        try await eventually("dropped messages") { sockets.takeDestroyed().isIncomplete }
        try await eventually("room for new ones") { !sockets.takeDestroyed().isIncomplete }
    }

    @Test("A process describes itself")
    func processes() throws {
        let proc = try ProcFiles()
        let own = try #require(proc.processes().first { $0.pid == Int(getpid()) })
        #expect(own.parent == Int(getppid()) && own.isReadable && own.user == getuid())
        #expect(!own.command.isEmpty && own.startTicks > 0 && own.cpuSeconds > 0)
        #expect(proc.process(4_194_305) == nil)
        #expect(proc.process(ofThread: Int(getpid())) == Int(getpid()))
        #expect(proc.networkNamespace(of: "self")?.hasPrefix("net:[") == true)
    }

    @Test("Each process is listed every time, and only once, also where not all are read", arguments: [0, 1_000_000])
    func processesAgain(many: Int) throws {
        let proc = try ProcFiles(many: many)
        for _ in 0..<5 {
            let pids = proc.processes(always: [Int(getpid())]).map(\.pid)
            #expect(Set(pids).count == pids.count && pids.contains(Int(getpid())) && pids.contains(Int(getppid())))
        }
    }

    @Test("The sockets of a process with a thousand of them are found")
    func manySockets() throws {
        let descriptors = (0..<1000).map { _ in socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
        defer { for descriptor in descriptors { close(descriptor) } }
        let proc = try ProcFiles()
        var owners: [UInt64: Int] = [:]
        #expect(proc.addSockets(of: Int(getpid()), to: &owners))
        #expect(owners.count >= descriptors.count(where: { $0 >= 0 }))
    }
}
