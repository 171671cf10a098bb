import PlainDocuments
import PoolModel
import Synchronization

/// The current step of a probe.
package enum ProbeStep: Sendable, Equatable {
    case waiting
    /// Opening new connections, one after the other.
    case opening(Int, of: Int)
    /// Holding connections idle; everything else that is tested meanwhile ends earlier.
    case holding(until: ContinuousClock.Instant)
    /// Counting requests on one connection.
    case counting(Int, of: Int)
    case finishing
    case done
}

/// The progress of all probes of one run, for a line on the terminal.
package final class ProbeProgress: Sendable {
    private struct State {
        var steps: [ProbeStep]
        /// Requests are counted in parallel with everything else.
        var counts: [Int?]
    }
    private let names: [String]
    private let state: Mutex<State>

    package init(names: [String]) {
        self.names = names
        state = Mutex(
            State(
                steps: Array(repeating: .waiting, count: names.count), counts: Array(repeating: nil, count: names.count)
            ))
    }

    package func report(_ step: ProbeStep, of index: Int) {
        state.withLock { state in
            if case .counting(let count, _) = step { state.counts[index] = count } else { state.steps[index] = step }
        }
    }

    package func text(now: ContinuousClock.Instant) -> String {
        let state = state.withLock { $0 }
        return Self.text(names: names, steps: state.steps, counts: state.counts, now: now)
    }

    /// One probe in words, several as numbers, and how long it can still take.
    package static func text(names: [String], steps: [ProbeStep], counts: [Int?], now: ContinuousClock.Instant)
        -> String
    {
        let ends = steps.compactMap { step -> ContinuousClock.Instant? in
            if case .holding(let end) = step { end } else { nil }
        }
        // The most important part comes first, where a narrow terminal does not cut it off.
        let rest = ends.max().map { "at most \(seconds(max($0 - now, .zero))) more (^C ends it), " } ?? ""
        guard names.count == 1, let name = names.first, let step = steps.first else {
            let done = steps.count { $0 == .done }
            return "\(rest)\(done) of \(steps.count) done, \(ends.count) holding idle connections"
        }
        let counting = counts.first.flatMap { $0 }.map { ", \(NumberFormat.count($0)) requests on one" } ?? ""
        switch step {
        case .waiting, .counting: return name
        case .opening(let number, let all): return "\(name): new connection \(number) of \(all)"
        case .holding: return "\(name): \(rest)holding idle connections\(counting)"
        case .finishing: return "\(name): finishing\(counting)"
        case .done: return "\(name): done"
        }
    }

    private static func seconds(_ duration: Duration) -> String { "\(Int(duration.asSeconds.rounded(.up)))s" }
}
