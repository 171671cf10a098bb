import DNSWire
import PoolModel
import Testing

@testable import WatchCore

@Suite struct WatchLimitTests {
    @Test("Short connections leave nothing behind but counts")
    func shortConnections() throws {
        var scene = Scene()
        scene.dump()
        for cookie in UInt64(1)...20_000 {
            if cookie % 500 == 0 {
                scene.after(1)
                scene.dump()
                _ = scene.machine.questions(now: scene.now)
            }
            scene.tell(.destroyed(Scene.ended(cookie, exchanges: 1)))
        }
        #expect(scene.snapshot().totals.connections.opened == 20_000)
        #expect(scene.machine.sockets.isEmpty && scene.machine.ledgers.count == 1 && scene.machine.peers.count == 1)
        #expect(scene.machine.brokenInvariant() == nil)
    }

    @Test("Ends beyond the limit are summed in one host, those with connections last")
    func hosts() throws {
        var settings = WatchSettings()
        settings.maxHosts = 40
        var scene = Scene(settings)
        scene.dump(Scene.socket(1_000_000))
        for number in UInt32(1)...500 {
            scene.after(0.01)
            let end = Endpoint(address: IPAddress(ipv4: 0x0b00_0000 + number), port: 80)
            scene.tell(.destroyed(Scene.ended(UInt64(number), to: end, exchanges: 1)))
        }
        let snapshot = scene.snapshot()
        #expect(snapshot.totals.connections.opened == 500 && snapshot.totals.requests.succeeded == 500)
        #expect(snapshot.hosts.count <= 41 && scene.machine.peers.count <= 42)
        #expect(snapshot.hosts.contains { $0.name == "other" } && snapshot.hosts.contains { $0.name == "10.0.0.1:80" })
        #expect(Set(snapshot.hosts.map(\.id)).count == snapshot.hosts.count)
        #expect(scene.machine.brokenInvariant() == nil)
    }

    @Test("Where every end has connections, further ones are summed too")
    func openHosts() throws {
        var settings = WatchSettings()
        settings.maxHosts = 10
        var scene = Scene(settings)
        scene.tell(
            .dumped(
                (1...30).map {
                    Scene.socket(UInt64($0), to: Endpoint(address: IPAddress(ipv4: 0x0b00_0000 + UInt32($0)), port: 80))
                }))
        let snapshot = scene.snapshot()
        #expect(snapshot.hosts.count == 11 && snapshot.totals.connections.open == 30)
        #expect(snapshot.hosts.first { $0.name == "other" }?.metrics.connections.open == 20)
    }

    @Test(
        "Processes that ended are summed with their user's when there are too many, chosen ones with another chosen",
        arguments: [false, true])
    func processes(areChosen: Bool) throws {
        var settings = WatchSettings()
        settings.maxProcesses = 30
        if areChosen { settings.scope = .processes([5]) }
        var scene = Scene(settings)
        scene.tell(.processesRead([Scene.process(5)]))
        scene.dump()
        for number in 1...200 {
            scene.after(0.1)
            let pid = 1000 + number
            scene.tell(
                .processesRead([Scene.process(5), Scene.process(pid, parent: 5, began: UInt64(number), cpu: 0.25)]))
            scene.dump(Scene.socket(UInt64(number), exchanges: 1))
            scene.tell(.ownersRead([UInt64(number): pid], of: [pid]))
            scene.tell(.destroyed(Scene.ended(UInt64(number), exchanges: 1)))
        }
        let snapshot = scene.snapshot()
        #expect(snapshot.totals.connections.opened == 200)
        #expect(scene.machine.owners.count <= 34 && scene.machine.brokenInvariant() == nil)
        #expect(snapshot.source?.processes?.reduce(0) { $0 + $1.opened } == 200)
        #expect(abs(snapshot.process.agentCPUSeconds - 50) < 0.001)
    }

    @Test(
        "Dumps come at intervals that differ, as often as their cost allows",
        arguments: [
            (Int64(100), 0.1), (600, 0.4), (20_000, 2), (200_000, 5),
        ])
    func intervals(microseconds: Int64, seconds: Double) {
        var scene = Scene()
        _ = scene.machine.questions(now: scene.now)
        scene.tell(.processesRead([]))
        var dumps: [Moment] = []
        for _ in 0..<4000 {
            scene.now = max(scene.now, scene.machine.nextDeadline)
            for question in scene.machine.questions(now: scene.now) {
                guard case .dump = question else { continue }
                dumps.append(scene.now)
                scene.dump()
                scene.machine.dumpTook(cpu: .microseconds(microseconds))
            }
        }
        let mean = (dumps[dumps.count - 1] - dumps[0]).asSeconds / Double(dumps.count - 1)
        #expect(abs(mean / seconds - 1) < 0.15, "\(mean)")
        #expect(Set(zip(dumps, dumps.dropFirst()).map { $1 - $0 }).count > dumps.count / 2)
        func isSlowed() -> Bool { scene.snapshot().source?.notes.contains { $0.label == .dumpsSlowed } ?? false }
        #expect(!isSlowed())
        scene.machine.schedule.listed = 50_000
        #expect(isSlowed() == (seconds > 1))
    }

    @Test("A dump comes within a tenth of a second before each snapshot, however rarely the others are")
    func dumpsForSnapshots() {
        var scene = Scene()
        _ = scene.machine.questions(now: scene.now)
        scene.tell(.processesRead([]))
        var sinceDump: [Double] = []
        var (dumpedAt, snapshotAt) = (scene.now, scene.now)
        for _ in 0..<2000 {
            scene.now = max(scene.now, min(scene.machine.nextDeadline, snapshotAt + .seconds(1)))
            if scene.now >= snapshotAt + .seconds(1) {
                snapshotAt = scene.now
                sinceDump.append((scene.now - dumpedAt).asSeconds)
                _ = scene.snapshot()
            }
            for case .dump in scene.machine.questions(now: scene.now) {
                dumpedAt = scene.now
                scene.dump()
                scene.machine.dumpTook(cpu: .milliseconds(1))
            }
        }
        #expect(sinceDump.count > 100 && sinceDump.dropFirst(2).allSatisfy { $0 <= 0.1 })
        #expect(Set(sinceDump).count > 50)
    }

    @Test("Ten snapshots a second have one dump in the tenth of a second before each second begins")
    func dumpsForFastSnapshots() {
        var scene = Scene()
        _ = scene.machine.questions(now: scene.now)
        scene.tell(.processesRead([]))
        let begun = scene.now
        var dumps: [Double] = []
        var snapshotAt = scene.now
        for _ in 0..<4000 {
            scene.now = max(scene.now, min(scene.machine.nextDeadline, snapshotAt + .milliseconds(100)))
            if scene.now >= snapshotAt + .milliseconds(100) {
                snapshotAt = scene.now
                _ = scene.snapshot()
            }
            for case .dump in scene.machine.questions(now: scene.now) {
                dumps.append((scene.now - begun).asSeconds)
                scene.dump()
                scene.machine.dumpTook(cpu: .microseconds(1400))
            }
        }
        let seconds = Int(dumps.last ?? 0)
        #expect(seconds > 100)
        for second in 2..<seconds {
            let (from, to) = (Double(second) - 0.1, Double(second))
            #expect(dumps.contains { $0 >= from && $0 <= to }, "\(second)")
        }
    }

    @Test("Connections whose messages were lost are added from the kernel's count, as estimates")
    func losses() throws {
        var scene = Scene()
        scene.tell(.processesRead([Scene.process(5)]))
        scene.dump()
        scene.tell(.activeOpensRead(1000))
        scene.dump(Scene.socket(1, exchanges: 2))
        scene.tell(.ownersRead([1: 5], of: [5]))
        scene.after(1.5)
        scene.tell(.destroyed(Scene.ended(1, exchanges: 2)))
        for cookie in UInt64(10)..<19 { scene.tell(.destroyed(Scene.ended(cookie, exchanges: 2))) }
        scene.after(1.5)
        scene.dump()
        scene.tell(.activeOpensRead(1010))
        #expect(scene.snapshot().source?.kernel == KernelCount(opened: 10, seen: 10, agrees: true))
        scene.tell(.messagesLost)
        for _ in 0..<2 {
            scene.after(0.2)
            scene.dump()
            scene.tell(.activeOpensRead(1050))
        }
        let snapshot = scene.snapshot()
        #expect(snapshot.totals.connections.opened == 50 && snapshot.totals.connections.closed == 50)
        #expect(snapshot.totals.requests.succeeded == 100)
        #expect(snapshot.totals.connections.closedByReason[.closerUnknown] == 40)
        #expect(snapshot.hosts[0].certainty[.connections] == .estimate)
        #expect(
            snapshot.source?.notes == [SourceNote(.sharesEstimated, count: 9), SourceNote(.messagesLost, count: 40)])
        #expect(snapshot.source?.kernel == KernelCount(opened: 50, seen: 50, agrees: true))
    }

    @Test("A count of the kernel that ours does not explain does not agree")
    func disagreement() {
        var scene = Scene()
        scene.dump()
        scene.tell(.activeOpensRead(1000))
        scene.dump()
        scene.tell(.activeOpensRead(1020))
        #expect(scene.snapshot().source?.kernel == KernelCount(opened: 20, seen: 0, agrees: false))
    }

    /// A connect is taken back when it fails, and a counter that goes down would be taken for one that began anew.
    @Test("The kernel's count stays where it was when it runs back a little, and begins anew when it runs far back")
    func runsBack() {
        var scene = Scene()
        scene.dump()
        for (count, opened) in [(5000, 0), (5020, 20), (5012, 20), (5019, 20), (5025, 25), (100, 0), (103, 3)] {
            scene.tell(.activeOpensRead(count))
            #expect(scene.snapshot().source?.kernel?.opened == opened, "\(count)")
        }
    }

    @Test("Logarithms, powers and addresses are what they are elsewhere")
    func arithmetic() {
        #expect(abs(Exponential.logarithm(10) - 2.302_585_092_994_046) < 1e-12)
        #expect(abs(Exponential.logarithm(0.001) + 6.907_755_278_982_137) < 1e-12)
        #expect(abs(Exponential.decay(halvings: 2.5) - 0.176_776_695_296_637) < 1e-9)
        #expect(Exponential.decay(halvings: 0) == 1 && Exponential.decay(halvings: 1000) == 0)
        let texts = [
            (UInt64(0), UInt64(0), "::"), (0, 1, "::1"),
            (0x2001_0db8_0000_0000, 0x0001_0000_0000_0001, "2001:db8::1:0:0:1"),
            (0x2001_0db8_0000_0001, 0x0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1"), (0xfe80 << 48, 0, "fe80::"),
            (0, 0xffff_7f00_0001, "127.0.0.1"),
        ]
        for (high, low, text) in texts { #expect(IPAddress(high: high, low: low).description == text) }
    }
}
