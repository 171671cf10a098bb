import NIOCore

/// One downstream: its scenario, counts and open connections. Confined to one event loop, so that its counts are exact
/// and its decisions are ordered. More loops serve more downstreams, but do not speed up a single one.
final class Server {
    let scenario: Scenario
    let loop: any EventLoop
    let kit: ResponseKit
    let access: ControlAccess
    let idleLimit: TimeAmount?
    /// In no particular order. Each connection knows its index, so that it can be removed in constant time.
    private(set) var connections: [ServerConnection] = []
    private var tally: Tally
    private var controlRequests = 0
    /// Separate generators, so that a change of latency does not change which requests fail.
    private var outcomes: SeededGenerator
    private var delays: SeededGenerator
    private let outcomeShares: [OutcomeShare]
    /// Set by an injected `slow`.
    var delayFactor = 1.0
    var addedDelay: Int64 = 0
    /// Injects a fault requested over HTTP. Set by the fleet, which has access to listeners and DNS.
    var performFault: ((InjectedFault) -> EventLoopFuture<Void>)?

    init(_ scenario: Scenario, seed: UInt64, access: ControlAccess, loop: any EventLoop) {
        self.scenario = scenario
        self.access = access
        self.loop = loop
        kit = ResponseKit(scenario)
        idleLimit = scenario.idleLimitSeconds.map { .nanoseconds(Int64($0 * 1e9)) }
        tally = Tally(addresses: scenario.addresses.count)
        outcomes = SeededGenerator(seed: seed, stream: "\(scenario.name).outcomes")
        delays = SeededGenerator(seed: seed, stream: "\(scenario.name).delays")
        outcomeShares = OutcomeShare.all(of: scenario)
    }
}

// MARK: Decisions

extension Server {
    /// How to answer one request. Decided when the request is complete. The bytes are built when they are due, because
    /// a drain may begin or a limit may be reached in between.
    struct Plan {
        var route: Route
        var delay: Int64 = 0
        var outcome = Outcome.served
    }

    func plan(_ route: Route) -> Plan {
        var plan = Plan(route: route)
        switch route {
        case .ordinary:
            plan.delay = scenario.latency.draw(&delays)
            if scenario.dribble != nil { plan.outcome = .dribbled }
            if !outcomeShares.isEmpty { drawOutcome(&plan) }
        case .delay(let nanoseconds): plan.delay = nanoseconds
        case .stats, .fault: return plan
        case .status, .bytes, .chunked, .untilClose, .slowBody, .close, .silentClose, .cut, .http10, .early, .interim,
            .hint, .unsolicited, .echo, .headers, .unknown:
            break
        }
        if delayFactor != 1 || addedDelay != 0 {
            plan.delay = Int64(Double(plan.delay) * delayFactor) + addedDelay
        }
        return plan
    }

    /// Makes one draw per ordinary request, so that the n-th request has the same outcome in every run with the same
    /// seed.
    private func drawOutcome(_ plan: inout Plan) {
        let drawn = outcomes.unit()
        guard let share = outcomeShares.first(where: { drawn < $0.upperBound }) else { return }
        switch share.kind {
        case .outcome(let outcome): plan.outcome = outcome
        case .stall: plan.delay += Int64(scenario.stallSeconds * 1e9)
        }
    }
}

// MARK: Counts

extension Server {
    func joined(_ connection: ServerConnection) {
        connection.index = connections.count
        connections.append(connection)
        tally.accepted[connection.address] += 1
    }

    func left(_ connection: ServerConnection) {
        let last = connections.removeLast()
        if last !== connection {
            connections[connection.index] = last
            last.index = connection.index
        }
    }

    /// Counts a request head. A connection is excluded from the counts as long as it has carried only control requests.
    func received(_ route: Route, on connection: ServerConnection) {
        let wasControl = connection.isControlOnly
        connection.served += 1
        if route.isControl {
            controlRequests += 1
            if connection.served == 1 { connection.isControlOnly = true }
        } else {
            tally.requests += 1
            connection.isControlOnly = false
        }
        if wasControl != connection.isControlOnly { enter(connection, sign: wasControl ? 1 : -1) }
    }

    private func enter(_ connection: ServerConnection, sign: Int) {
        tally.accepted[connection.address] += sign
        if let handshake = connection.handshake { enter(handshake, sign: sign) }
    }

    private func enter(_ handshake: ServerConnection.Handshake, sign: Int) {
        tally.tlsHandshakes += sign
        if handshake == .resumed { tally.tlsResumed += sign }
    }

    func shookHands(_ connection: ServerConnection, _ handshake: ServerConnection.Handshake) {
        connection.handshake = handshake
        enter(handshake, sign: 1)
    }

    func answered(_ status: Int, _ route: Route) {
        if !route.isControl && status > 0 { tally.statuses[status] += 1 }
    }

    func rejected(_ status: Int) {
        tally.rejected += 1
        tally.statuses[status] += 1
    }

    func beganClose(of connection: ServerConnection) {
        if !connection.isControlOnly { tally.closedByServer += 1 }
    }

    var stats: DownstreamStats {
        var statuses: [String: Int] = [:]
        for (status, count) in tally.statuses.enumerated() where count > 0 { statuses["\(status)"] = count }
        return DownstreamStats(
            name: scenario.name, accepted: tally.accepted.reduce(0, +),
            acceptedByAddress: Dictionary(zip(scenario.addresses, tally.accepted)) { $1 },
            open: connections.count { !$0.isControlOnly }, requests: tally.requests,
            closedByServer: tally.closedByServer, statuses: statuses, rejected: tally.rejected,
            tlsHandshakes: tally.tlsHandshakes, tlsResumed: tally.tlsResumed, controlRequests: controlRequests)
    }
}
