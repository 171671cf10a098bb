import AgentCore
import PoolModel
import Testing

/// How many connections a steady load opens.
@Suite struct ChurnTests {
    /// A closed loop: each task sends a request, waits for the answer, and thinks for about as long before the next.
    private struct ClosedLoop {
        enum Step {
            case send
            case connect(Rig.Connect)
            case end(Int)
        }

        var rig: Rig
        let host: HostID
        var random = SplitMix64(seed: 7)
        private var agenda: [(at: Moment, step: Step)] = []
        private var left: Int
        private var dialled = 0
        private var waiting: Set<Int> = []

        init(tasks: Int, requests: Int, _ change: (inout AgentSettings) -> Void) {
            (rig, host) = Rig.one(change)
            left = requests
            for _ in 0..<tasks { later(0.004, .send) }
        }

        private mutating func later(_ mean: Double, _ step: Step) {
            agenda.append((rig.now + .seconds(mean * (0.5 + random.unit())), step))
        }

        private mutating func lookAround() {
            for connect in rig.connects where connect.id.serial > dialled {
                dialled = connect.id.serial
                later(0.001, .connect(connect))
            }
            for request in waiting where rig.connection(of: request) != nil {
                waiting.remove(request)
                later(0.004, .end(request))
            }
        }

        mutating func run() throws {
            while let next = agenda.indices.min(by: { agenda[$0].at < agenda[$1].at }) {
                let (moment, step) = agenda.remove(at: next)
                rig.pass(max(0, (moment - rig.now).asSeconds))
                switch step {
                case .send:
                    guard left > 0 else { continue }
                    left -= 1
                    waiting.insert(rig.arrive(host))
                case .connect(let connect): rig.connected(connect)
                case .end(let request):
                    try rig.serve(request)
                    later(0.004, .send)
                }
                lookAround()
            }
        }
    }

    /// Nil: the default; 32: half of the connections, which closed and opened 727 of them for the same load.
    @Test("64 tasks open no more than 64 connections for 12,800 requests", arguments: [nil, 32])
    func noChurn(maxFree: Int?) throws {
        var load = ClosedLoop(tasks: 64, requests: 12_800) { $0.maxFreeSocketsPerHost = maxFree }
        try load.run()
        let metrics = load.rig.host(load.host).metrics
        #expect(metrics.requests.succeeded == 12_800)
        #expect(metrics.connections.opened <= 64)
    }

    @Test("Surplus connections of a burst close after one second of idling, and not before") func surplusRests() throws
    {
        var (rig, host) = Rig.one { $0.maxFreeSocketsPerHost = 2 }
        let idle = try rig.idleConnections(6, at: host)
        rig.pass(0.9)
        #expect(rig.closed.isEmpty)
        try rig.exchange(host)
        rig.pass(0.2)
        #expect(rig.closeOrder == Array(idle[..<4]))
        #expect(rig.closed.values.allSatisfy { $0 == .idleLimitHost })
        rig.pass(10)
        #expect(rig.closed.count == 4)
    }

    @Test("Surplus connections over all hosts close after one second of idling") func surplusOverAllHostsRests() throws
    {
        var rig = Rig { $0.maxFreeSocketsTotal = 2 }
        let (a, b) = (rig.addHost("a"), rig.addHost("b"))
        let first = try rig.idleConnections(2, at: a)
        rig.pass(0.5)
        let second = try rig.idleConnections(2, at: b)
        rig.pass(0.4)
        #expect(rig.closed.isEmpty)
        rig.pass(0.2)
        #expect(rig.closeOrder == first)
        rig.pass(1)
        #expect(rig.closed.count == 2 && rig.machine.hosts[b.index].idle.count == second.count)
    }

    @Test("The limit on idle connections defaults to the limit on connections") func theDefault() throws {
        var (rig, host) = Rig.one { $0.maxSocketsPerHost = 5 }
        #expect(rig.host(host).maxFreeSockets == 5)
        rig.set { $0.maxSocketsPerHost = 7 }
        #expect(rig.host(host).maxFreeSockets == 7)
        rig.set { $0.maxFreeSocketsPerHost = 3 }
        #expect(rig.host(host).maxFreeSockets == 3)
    }
}
