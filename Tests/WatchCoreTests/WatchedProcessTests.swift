import DNSWire
import PoolModel
import Testing

@testable import WatchCore

@Suite struct WatchedProcessTests {
    private func scene(_ scope: WatchScope, _ change: (inout WatchSettings) -> Void = { _ in }) -> Scene {
        var settings = WatchSettings()
        settings.scope = scope
        change(&settings)
        return Scene(settings)
    }

    @Test("Figures are about the chosen processes, and choosing others loses nothing")
    func choice() throws {
        var scene = scene(.processes([5]))
        scene.tell(.processesRead([Scene.process(5), Scene.process(6)]))
        scene.dump()
        scene.dump(Scene.socket(1), Scene.socket(2), Scene.socket(3))
        scene.tell(.ownersRead([1: 5, 2: 6, 3: 6], of: [5, 6]))
        #expect(scene.snapshot().totals.connections.opened == 1)
        #expect(scene.snapshot().source?.pid == 5 && scene.snapshot().source?.scope == .process)
        scene.machine.choose(.processes([6]))
        #expect(scene.snapshot().totals.connections.opened == 2)
        scene.machine.choose(.named("node"))
        #expect(scene.snapshot().totals.connections.opened == 3 && scene.snapshot().source?.name == "node")
        scene.machine.choose(.all)
        #expect(scene.snapshot().totals.connections.opened == 3 && scene.snapshot().source?.scope == .namespace)
        #expect(scene.snapshot().source?.processes?.map(\.pid) == [6, 5])
    }

    @Test("A process that ends stays in the list with its counts, and a note says so")
    func ending() throws {
        var scene = scene(.processes([5]))
        scene.tell(.processesRead([Scene.process(5, cpu: 2)]))
        scene.dump()
        scene.dump(Scene.socket(1, exchanges: 3))
        scene.tell(.ownersRead([1: 5], of: [5]))
        scene.tell(.processesRead([Scene.process(5, cpu: 3.5)]))
        scene.tell(.destroyed(Scene.ended(1, exchanges: 3, byPeer: false)))
        scene.tell(.processesRead([]))
        let snapshot = scene.snapshot()
        let row = try #require(snapshot.source?.processes?.first)
        #expect(row.hasEnded && row.opened == 1 && row.closed == 1 && row.requests == 3 && row.closedByUs == 1)
        #expect(snapshot.totals.connections.opened == 1 && snapshot.process.agentCPUSeconds == 1.5)
        #expect(snapshot.source?.notes.contains(SourceNote(.processEnded, subject: "5")) == true)
        #expect(snapshot.hosts[0].certainty[.cpu] == .exact)
    }

    @Test("A later process with the same number has an account of its own, and is not the one that was chosen")
    func reusedNumber() throws {
        var scene = scene(.processes([5]))
        scene.tell(.processesRead([Scene.process(5, began: 10)]))
        scene.dump()
        scene.dump(Scene.socket(1))
        scene.tell(.ownersRead([1: 5], of: [5]))
        scene.tell(.processesRead([Scene.process(5, began: 99)]))
        scene.dump(Scene.socket(2))
        scene.tell(.ownersRead([2: 5], of: [5]))
        let snapshot = scene.snapshot()
        #expect(snapshot.totals.connections.opened == 1)
        let rows = try #require(snapshot.source?.processes)
        #expect(rows.count == 2 && rows.allSatisfy { $0.pid == 5 && $0.opened == 1 })
        #expect(rows.filter(\.hasEnded).count == 1)
    }

    @Test(
        "Descendants are chosen with a process, also of a parent that ended, unless they are not wanted",
        arguments: [true, false])
    func descendants(areIncluded: Bool) {
        var scene = scene(.processes([5])) { $0.includesChildren = areIncluded }
        scene.tell(.processesRead([Scene.process(5), Scene.process(6, parent: 5), Scene.process(7, parent: 6)]))
        scene.tell(.processesRead([Scene.process(5), Scene.process(7, parent: 1)]))
        scene.tell(.processesRead([Scene.process(5), Scene.process(7, parent: 1), Scene.process(8, parent: 7)]))
        scene.dump()
        scene.dump(Scene.socket(1), Scene.socket(2))
        scene.tell(.ownersRead([1: 7, 2: 8], of: [5, 7, 8]))
        #expect(scene.snapshot().totals.connections.opened == (areIncluded ? 2 : 0))
    }

    @Test("Sockets of a user whose processes cannot be read have a row of the user and a note")
    func unreadable() throws {
        var scene = Scene()
        scene.tell(.processesRead([Scene.process(5), Scene.process(6, user: 0, isReadable: false)]))
        scene.dump(Scene.socket(1, user: 0), Scene.socket(2))
        scene.tell(.ownersRead([2: 5], of: [5]))
        let source = try #require(scene.snapshot().source)
        let row = try #require(source.processes?.first { $0.pid == nil })
        #expect(!row.isReadable && row.open == 1 && row.user == "ann")
        #expect(source.notes == [SourceNote(.unreadable, count: 1, subject: "ann")])
        var chosen = scene
        chosen.machine.choose(.processes([6]))
        #expect(chosen.snapshot().source?.notes == [SourceNote(.unreadable, subject: "6")])
    }

    @Test("Connections that no dump saw go to the only owner that was seen, those of before its first one too")
    func onlyOwner() throws {
        var scene = scene(.processes([5]))
        scene.tell(.processesRead([Scene.process(5)]))
        scene.dump()
        for cookie in UInt64(10)..<30 { scene.tell(.destroyed(Scene.ended(cookie, exchanges: 1))) }
        #expect(scene.snapshot().totals.connections.opened == 0)
        scene.dump(Scene.socket(1))
        scene.tell(.ownersRead([1: 5], of: [5]))
        scene.after(1.1)
        scene.dump(Scene.socket(1))
        let host = try scene.host()
        #expect(host.metrics.connections.opened == 21 && host.metrics.requests.succeeded == 20)
        // One connection does not show that there is no other owner.
        #expect(host.certainty[.connections] == .estimate)
    }

    @Test("A connection of the beginning whose owner was never found is not taken for one that was opened")
    func baseOfNobody() throws {
        var scene = scene(.all)
        scene.tell(.processesRead([Scene.process(5)]))
        scene.dump(Scene.socket(1))
        scene.tell(.destroyed(Scene.ended(1, exchanges: 1)))
        for cookie in UInt64(10)..<30 { scene.tell(.destroyed(Scene.ended(cookie, exchanges: 1))) }
        scene.dump(Scene.socket(40))
        scene.tell(.ownersRead([40: 5], of: [5]))
        scene.after(1.1)
        scene.dump(Scene.socket(40))
        #expect(scene.machine.brokenInvariant() == nil)
        let rows = try #require(scene.snapshot().source?.processes)
        #expect(rows.map(\.opened) == [21] && rows.map(\.closed) == [21])
    }

    @Test("Connections that no dump saw go to the processes that were seen with new sockets, by how many, as estimates")
    func glimpses() throws {
        var scene = scene(.processes([5]))
        scene.tell(.processesRead([Scene.process(5), Scene.process(6)]))
        scene.dump()
        for cookie in UInt64(10)..<50 { scene.tell(.destroyed(Scene.ended(cookie, exchanges: 1))) }
        #expect(scene.snapshot().totals.connections.opened == 0)
        scene.after(1.1)
        scene.tell(.glimpsed([5: Glimpse(added: 3), 6: Glimpse(added: 1)]))
        let host = try scene.host()
        #expect(host.metrics.connections.opened == 30 && host.certainty[.connections] == .estimate)
    }

    @Test(
        "Two processes of one program share by what they write, unless that does not go with what was seen of them",
        arguments: [("node", UInt64(300), 26...32), ("node", 900_000, 18...22), ("python", 300, 18...22)])
    func sharesByWrites(otherName: String, writes: UInt64, opened: ClosedRange<Int>) throws {
        func read(_ number: UInt64) -> [ProcessFacts] {
            [
                ProcessFacts(pid: 5, command: "node a.js", name: "node", user: 1000, writes: 900 * number),
                ProcessFacts(pid: 6, command: "b", name: otherName, user: 1000, writes: writes * number),
            ]
        }
        var scene = scene(.processes([5]))
        scene.tell(.processesRead(read(1)))
        scene.dump(Scene.socket(1), Scene.socket(2))
        scene.tell(.ownersRead([1: 5, 2: 6], of: [5, 6]))
        scene.tell(.processesRead(read(2)))
        for cookie in UInt64(10)..<50 { scene.tell(.destroyed(Scene.ended(cookie, exchanges: 1))) }
        scene.after(1.1)
        // Chance has it that as many were seen of each.
        scene.tell(.glimpsed([5: Glimpse(added: 6), 6: Glimpse(added: 6)]))
        #expect(opened.contains(try scene.host().metrics.connections.opened))
    }

    @Test("New sockets of a server that it accepted give it no part of the connections of its clients")
    func glimpsedServer() throws {
        var scene = scene(.processes([5]))
        scene.tell(.processesRead([Scene.process(5), Scene.process(6)]))
        scene.dump(Scene.listener)
        scene.openAndAccept(10..<50)
        scene.after(1.1)
        scene.tell(.glimpsed([5: Glimpse(added: 3), 6: Glimpse(added: 3, accepts: [Scene.server.port])]))
        #expect(try scene.host().metrics.connections.opened == 40)
        #expect(scene.snapshot().source?.processes?.first { $0.pid == 6 } == nil)
    }

    @Test("A process that accepts one connection for each that it opens has the part of its own")
    func glimpsedProxy() throws {
        let upstream = Endpoint(address: IPAddress(ipv4: 0x0a00_0009), port: 9000)
        var scene = scene(.processes([6]))
        scene.tell(.processesRead([Scene.process(5), Scene.process(6)]))
        scene.dump(Scene.listener)
        // Process 5 opens 40 connections to process 6, which opens 40 to an upstream.
        scene.openAndAccept(10..<50)
        for cookie in UInt64(200)..<240 { scene.tell(.destroyed(Scene.ended(cookie, to: upstream, exchanges: 1))) }
        scene.dump(Scene.listener, Scene.socket(300, to: upstream))
        scene.tell(.ownersRead([300: 6], of: [5, 6]))
        for _ in 0..<50 {
            scene.after(0.1)
            scene.tell(.glimpsed([5: Glimpse(added: 1), 6: Glimpse(added: 2, accepts: [Scene.server.port])]))
        }
        scene.dump(Scene.listener, Scene.socket(300, to: upstream))
        let hosts = scene.snapshot().hosts
        let upstreamHost = try #require(hosts.first { $0.name == upstream.authority })
        // Process 5 may have opened half of those to the upstream, as far as anybody can tell.
        #expect((15...30).contains(upstreamHost.metrics.connections.opened))
        #expect(hosts.first { $0.name == Scene.server.authority }?.metrics.connections.opened ?? 0 == 0)
    }

    @Test("An owner of all the many connections that were seen has those that no dump saw for sure")
    func sureOwner() throws {
        var scene = scene(.processes([5]))
        scene.tell(.processesRead([Scene.process(5)]))
        scene.dump()
        for cookie in UInt64(1)...20 {
            scene.dump(Scene.socket(cookie))
            scene.tell(.ownersRead([cookie: 5], of: [5]))
            scene.tell(.destroyed(Scene.ended(cookie, exchanges: 1)))
        }
        for cookie in UInt64(30)..<50 { scene.tell(.destroyed(Scene.ended(cookie, exchanges: 1))) }
        scene.dump()
        let host = try scene.host()
        #expect(host.metrics.connections.opened == 40 && host.certainty[.connections] == .exact)
    }

    @Test(
        "Three in four connections of a process come out as such, though dumps see few of them",
        arguments: [
            (200.0, 3), (1000.0, 2),
        ])
    func shares(perSecond: Double, milliseconds: Int64) throws {
        var kernel = ShadowKernel(seed: UInt64(perSecond), processes: 2, servers: 1)
        var machine = WatchMachine(settings: WatchSettings(), seed: 3, startedAt: kernel.now)
        let end = kernel.now + .seconds(40)
        var nextOpen = kernel.now + .milliseconds(5)
        while kernel.now < end {
            let deadline = machine.nextDeadline
            let due = kernel.connections.first.map { $0.openedAt + .milliseconds(milliseconds) } ?? .never
            kernel.now = max(kernel.now, min(deadline, min(nextOpen, due)))
            if kernel.now >= due { kernel.close(0, byPeer: false) }
            if kernel.now >= nextOpen {
                kernel.open(kernel.random.unit() < 0.75 ? 0 : 1, kernel.servers[0])
                nextOpen = kernel.now + .seconds(Exponential.draw(kernel.random.unit()) / perSecond)
            }
            for message in kernel.messages { machine.handle(.destroyed(message), now: kernel.now) }
            kernel.messages.removeAll()
            guard kernel.now >= deadline else { continue }
            for question in machine.questions(now: kernel.now) {
                switch question {
                case .dump(let pids):
                    kernel.isWatched = true
                    machine.handle(.dumped(kernel.dump()), now: kernel.now)
                    machine.handle(.ownersRead(kernel.owners(of: pids), of: pids), now: kernel.now)
                case .processes: machine.handle(.processesRead(kernel.processFacts), now: kernel.now)
                case .whoClosed(let pair): machine.handle(.timeWaitFound(pair, true), now: kernel.now)
                case .activeOpens: machine.handle(.activeOpensRead(kernel.activeOpens), now: kernel.now)
                case .timeWaits, .glimpse: break
                }
            }
        }
        let rows = machine.snapshot(now: kernel.now, wallClock: 0, socketsFor: []).source?.processes ?? []
        let opened = rows.reduce(0) { $0 + $1.opened }
        // Connections that no dump saw count when they end.
        #expect((0...8).contains(kernel.total.opened - opened))
        let share = Double(try #require(rows.first { $0.pid == 100 }).opened) / Double(opened)
        #expect(abs(share - 0.75) < 0.03, "\(share)")
        #expect(rows.allSatisfy { $0.connectionsCertainty == .estimate })
    }

    @Test("Lookups are counted, and given to the process that opens connections")
    func lookups() throws {
        var scene = Scene()
        scene.tell(.processesRead([Scene.process(5)]))
        scene.dump()
        scene.dump(Scene.socket(1))
        scene.tell(.ownersRead([1: 5], of: [5]))
        #expect(scene.snapshot().source?.processes?.first?.lookups == nil)
        let pair = SocketPair(
            local: Endpoint(address: Scene.client, port: 50_000),
            remote: Endpoint(address: IPAddress(ipv4: 0x0a00_0035), port: 53))
        scene.tell(.destroyed(SocketRecord(transport: .udp, cookie: 70, state: .closed, pair: pair)))
        let snapshot = scene.snapshot()
        #expect(snapshot.dns.lookups == 1 && snapshot.dns.queries == 1 && snapshot.dns.misses == 1)
        #expect(snapshot.source?.processes?.first?.lookups == 1 && snapshot.hosts[0].certainty[.dns] == .estimate)
    }
}
