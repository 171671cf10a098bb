import Dashboard
import PoolModel

/// A picture of 120 × 40 cells of seven hosts after a minute and a half of traffic, keep-alive switched on in its midst.
let frameBenchmarks: [Maker] = [
    Maker("frame: overview, 120 × 40") { frameBenchmark($0, of: session(inspecting: false)) },
    Maker("frame: inspector of a host with 64 sockets, 120 × 40") { frameBenchmark($0, of: session(inspecting: true)) },
]

private func frameBenchmark(_ name: String, of session: (model: Model, traffic: DemoTraffic)) -> Benchmark {
    let model = session.model
    return Benchmark(name: name, unit: .microseconds, goal: .atMost(1000)) { count in
        var drawn = 0
        for _ in 0..<count {
            let frame = render(model, width: 120, height: 40)
            if frame.cells.count == 4800, frame[1, 0].scalar != " " { drawn += 1 }
        }
        return drawn
    }
}

private func session(inspecting: Bool) -> (model: Model, traffic: DemoTraffic) {
    var model = Model()
    var traffic = DemoTraffic()
    _ = update(&model, .resize(width: 120, height: 40))
    tell(traffic.snapshot(listing: nil), at: traffic.now, to: &model)
    if inspecting {
        // The second host is the slow one with many connections.
        for key in [Key.down, .enter] { _ = update(&model, .key(key)) }
    }
    for second in 0..<90 {
        if second == 40 { traffic.switchKeepAlive(on: true) }
        if second == 45 { traffic.send(64, to: 1) }
        for _ in 0..<10 {
            traffic.run(milliseconds: 100)
            tell(traffic.snapshot(listing: model.wantsSockets), at: traffic.now, to: &model)
        }
    }
    if inspecting {
        let sockets = traffic.snapshot(listing: model.wantsSockets).hosts[1].sockets
        precondition(sockets?.count == 64, "the inspected host has \(sockets?.count ?? 0) sockets")
    }
    return (model, traffic)
}

private func tell(_ snapshot: AgentSnapshot, at now: Moment, to model: inout Model) {
    _ = update(&model, .tick(now))
    _ = update(&model, .snapshot(snapshot, utcOffsetSeconds: 3600))
}
