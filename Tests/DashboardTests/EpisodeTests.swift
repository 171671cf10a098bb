import Testing

@testable import Dashboard
@testable import PoolModel

/// Failures as lines of the event list.
@Suite("Events of failures") struct EpisodeTests {
    private func reset(_ count: Int, _ story: inout Story) {
        story.hosts[0].metrics.requests.started += count
        story.hosts[0].metrics.requests.failed += count
        story.hosts[0].metrics.errors.add(count, to: .peerReset)
    }

    private func lines(_ model: Model) -> [String] {
        model.live.events.lines.filter { $0.hostID == 0 }.map(\.text)
    }

    @Test("A failure that goes on is one line, whose count goes on with it beyond the window of the table")
    func counting() {
        var (model, story) = Told.at90
        for second in 1...25 {
            story.step()
            reset(12, &story)
            story.give(to: &model)
            #expect(lines(model).last == "catalog: server reset the connection (×\(12 * second))")
        }
        #expect(lines(model).filter { $0.contains("reset") }.count == 1)
    }

    @Test("After half a minute without, the same failure is another line") func episodes() {
        var (model, story) = Told.at90
        for pause in [15.0, 45] {
            story.step()
            reset(12, &story)
            story.give(to: &model)
            story.tell(until: story.uptime + pause, to: &model)
        }
        #expect(lines(model).filter { $0.contains("reset") } == ["catalog: server reset the connection (×24)"])
        story.step()
        reset(1, &story)
        story.give(to: &model)
        #expect(lines(model).suffix(1) == ["catalog: server reset the connection"])
    }

    @Test("A failure of the users is BAD in the events as in advice, and the name is that of the table")
    func levels() {
        var (model, story) = Told.at90
        for _ in 0..<3 {
            story.step()
            story.hosts[0].metrics.statuses[503, default: 0] += 400
            story.give(to: &model)
        }
        #expect(model.live.events.lines.last { $0.hostID == 0 }?.isBad == true)
        #expect(render(model, width: 120, height: 36).plainText().contains("BAD   catalog: answers 503"))
    }

    @Test("Bytes that nobody asked for are one line, which counts them") func strayBytes() {
        var (model, story) = Told.at90
        for _ in 0..<3 {
            story.step()
            story.hosts[0].metrics.connections.closedByReason.add(4, to: .unsolicitedBytes)
            story.events = [
                AgentNotice(
                    level: .warn, uptimeSeconds: story.uptime, hostID: 0, hostName: "catalog", kind: .unsolicitedBytes)
            ]
            story.give(to: &model)
        }
        #expect(
            lines(model).filter { $0.contains("no request asked for") } == [
                "catalog: server sent bytes that no request asked for (×12)"
            ])
    }

    @Test("Responses of 503 have a line, with their count and share") func unavailable() {
        var (model, story) = Told.at90
        for _ in 0..<3 {
            story.step()
            story.hosts[0].metrics.statuses[503, default: 0] += 400
            story.give(to: &model)
        }
        #expect(lines(model).last == "catalog: answers 503 Service Unavailable (×1,200, 100%)")
    }

    @Test("A host that answers slowly has a line") func slow() {
        var (model, story) = Told.at90
        for _ in 0..<12 {
            story.step()
            for _ in 0..<1000 {
                story.hosts[0].metrics.latency.service.record(.seconds(6))
                story.hosts[0].metrics.latency.firstByte.record(.seconds(6))
            }
            story.give(to: &model)
        }
        #expect(lines(model).filter { $0.hasPrefix("catalog: answers take ") }.count == 1, "\(lines(model))")
    }

    @Test("Bytes that nobody asked for have one line, with their count") func strayAnswers() {
        var (model, story) = Told.at90
        for _ in 0..<3 {
            story.step()
            story.hosts[0].metrics.connections.closedByReason.add(2, to: .unsolicitedBytes)
            story.events.append(
                AgentNotice(
                    level: .warn, uptimeSeconds: story.uptime, hostID: 0, hostName: "catalog", kind: .unsolicitedBytes))
            story.give(to: &model)
        }
        #expect(lines(model) == ["catalog: server sent bytes that no request asked for (×6)"])
    }

    @Test("A silence is one line that grows, and its end another") func silence() {
        var (model, story) = Told.at90
        for tenths in 21...60 {
            story.uptime += 0.1
            story.sequence += 1
            story.hosts[0].silentSeconds = Double(tenths) / 10
            story.give(to: &model)
        }
        #expect(lines(model).filter { $0.contains("no response for 6.0 s, 1 request in flight") }.count == 1)
        #expect(lines(model).filter { $0.contains("no response") }.count == 1)
        story.hosts[0].silentSeconds = nil
        story.uptime += 0.1
        story.sequence += 1
        story.give(to: &model)
        #expect(lines(model).last == "catalog: answers again")
    }
}
