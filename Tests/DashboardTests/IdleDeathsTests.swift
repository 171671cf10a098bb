import Testing

@testable import Dashboard
@testable import PoolModel

@Suite struct IdleDeathsTests {
    private func socket(_ id: Int, idle: Double?) -> SocketSnapshot {
        SocketSnapshot(
            id: id, state: idle == nil ? .awaitingHead : .idle, ageSeconds: 100, idleSeconds: idle, exchanges: 1,
            localPort: nil, peer: nil, method: nil, exchangeSeconds: nil, expiresInSeconds: nil, expiresBy: nil)
    }

    private func counts(_ deaths: IdleDeaths) -> [String: Int] {
        Dictionary(
            uniqueKeysWithValues: zip(IdleBand.all.map(\.label), deaths.counts).filter { $0.1 > 0 })
    }

    @Test("An idle connection missing from the next list was closed")
    func whoIsGoneFromTheNextListHasDied() {
        var deaths = IdleDeaths()
        deaths.take([socket(1, idle: 4.95), socket(2, idle: 59.9), socket(3, idle: 8)], uptime: 10)
        deaths.take([socket(3, idle: 8.1)], uptime: 10.1)
        #expect(counts(deaths) == ["5 s": 1, "60 s": 1])
        deaths.take([], uptime: 10.2)
        #expect(counts(deaths) == ["5 s": 1, "60 s": 1, "5-15 s": 1])
    }

    @Test("A connection that may have been used in between is left out")
    func whoMayHaveBeenUsedInBetweenIsLeftOut() {
        var deaths = IdleDeaths()
        deaths.take([socket(1, idle: 0.2), socket(2, idle: nil)], uptime: 10)
        deaths.take([], uptime: 10.1)
        #expect(deaths.total == 0)
    }

    @Test("Lists that are too far apart are ignored")
    func listsFarApartSayNothing() {
        var deaths = IdleDeaths()
        deaths.take([socket(1, idle: 30)], uptime: 10)
        deaths.take([], uptime: 12)
        deaths.take([socket(2, idle: 30)], uptime: 13)
        deaths.take(nil, uptime: 13.1)
        deaths.take([], uptime: 13.2)
        #expect(deaths.total == 0)
    }

    @Test("Bands are in order and include the known limits")
    func bandsAreInOrderAndKnowTheLimits() {
        #expect(zip(IdleBand.all, IdleBand.all.dropFirst()).allSatisfy { $0.upTo < $1.upTo })
        for limit in [5.0, 15, 60, 75, 350] {
            #expect(!IdleBand.all[IdleBand.index(of: limit)].known.isEmpty, "\(limit)")
        }
        for age in [0.6, 2, 10, 30, 70, 200, 1000] {
            #expect(IdleBand.all[IdleBand.index(of: age)].known.isEmpty, "\(age)")
        }
    }

    @Test("The inspector shows the idle ages of closed connections")
    func theInspectorShowsThem() {
        var (model, story) = Story.played(until: 60)
        _ = update(&model, .resize(width: 120, height: 36))
        _ = update(&model, .key(.character("2")))
        story.give(to: &model)
        #expect(render(model, width: 120, height: 36).plainText().contains("none closed while idle"))
        var snapshot = story.snapshot(socketsOf: 0)
        snapshot.sequence += 1
        snapshot.uptimeSeconds += 0.1
        snapshot.hosts[0].sockets?.removeAll { ($0.idleSeconds ?? 0) > 0.5 }
        _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 0))
        #expect(model.picture.idleDeaths(0).total > 0)
        #expect(!render(model, width: 120, height: 36).plainText().contains("none closed while idle"))
    }
}
