import PoolModel
import Testing

@testable import Diagnosis

/// Nothing that is said of a host contradicts what else is said of it, whatever its figures are.
@Suite("Contradictions") struct ContradictionTests {
    /// Pieces of figures, put together at random.
    private static let pieces: [@Sendable (inout Ailment, inout SplitMix64) -> Void] = [
        { ailment, random in
            let all = Int.random(in: 0...3000, using: &random)
            ailment.answer([200: all], reused: Int.random(in: 0...all, using: &random))
        },
        { ailment, random in ailment.gained.statuses[[404, 429, 500, 503].randomElement(using: &random) ?? 500] = 40 },
        { ailment, random in
            let cause = FailureCause.allCases.randomElement(using: &random) ?? .peerReset
            ailment.gained.errors.add(Int.random(in: 1...500, using: &random), to: cause)
            ailment.gained.requests.failed = ailment.gained.errors.total
        },
        { ailment, random in
            ailment.host.lastConnectFailure = FailureCause.allCases.randomElement(using: &random)
            ailment.host.lastTLSFailure = TLSFailure.allCases.randomElement(using: &random)
        },
        { ailment, random in
            ailment.open(
                active: Int.random(in: 0...64, using: &random), idle: Int.random(in: 0...30, using: &random),
                queued: Int.random(in: 0...50, using: &random))
            ailment.host.oldestWaitSeconds = Double.random(in: 0...20, using: &random)
        },
        { ailment, random in
            ailment.open(active: 64, queued: 9)
            ailment.host.silentSeconds = Double.random(in: 1...40, using: &random)
        },
        { ailment, random in
            ailment.open(active: 30)
            ailment.host.bodySilentSeconds = Double.random(in: 1...40, using: &random)
            ailment.hang(30, seconds: 12, inBody: Int.random(in: 0...30, using: &random))
        },
        { ailment, random in ailment.hang(Int.random(in: 1...64, using: &random), seconds: 11) },
        { ailment, random in
            let cause = [FailureCause.dnsNotFound, .dnsTimeout, .dnsFailure].randomElement(using: &random)
            ailment.host.nameFailure = NameFailure(name: "a.test", cause: cause ?? .dnsTimeout, sinceSeconds: 9)
        },
        { ailment, random in
            let states = [SocketState.resolving, .connecting, .handshaking]
            ailment.host.oldestDial = DialProgress(
                state: states.randomElement(using: &random) ?? .connecting, seconds: 5)
        },
        { ailment, random in ailment.close(CloseReason.allCases.randomElement(using: &random) ?? .idleTimeout, 700) },
        { ailment, random in ailment.service = Double.random(in: 0...5, using: &random) },
        { ailment, random in ailment.massClose = .init(connections: 30, secondsAgo: 5, areAllIdle: true) },
        { ailment, random in
            let group = FigureGroup.allCases.randomElement(using: &random) ?? .errors
            ailment.host.certainty[group] = [.estimate, .unknown].randomElement(using: &random) ?? .unknown
        },
    ]

    private static func ailment(_ seed: UInt64) -> Ailment {
        var random = SplitMix64(seed: seed)
        var ailment = Ailment("shop", isTLS: seed.isMultiple(of: 2))
        for _ in 0..<Int.random(in: 1...6, using: &random) { pieces.randomElement(using: &random)?(&ailment, &random) }
        return ailment
    }

    @Test("Beside a BAD diagnosis there is no praise, and nothing that follows from it", arguments: 0..<40)
    func nothingContradicts(block: Int) {
        for seed in UInt64(block * 250)..<UInt64(block * 250 + 250) {
            let ailment = Self.ailment(seed)
            let all = ailment.findings.all
            let levels = all.map(\.level)
            #expect(levels == levels.sorted(), "\(seed)")
            if levels.first == .bad { #expect(!levels.contains(.good), "\(seed)") }
            if ailment.evidence.isSilent {
                #expect(!all.contains { ["poolTooSmall", "slowServer", "slow"].contains($0.label) }, "\(seed)")
            }
            if let main = all.first, main.level == .bad {
                switch main.cause {
                case .name, .dial, .dialPending: #expect(all.dropFirst().allSatisfy { $0.label == "strayAnswers" })
                default: break
                }
            }
            #expect(Set(all.map(\.label)).count == all.count, "\(seed): \(all.map(\.label))")
            for finding in all {
                #expect(finding.shortText.count <= 24, "\(finding.shortText)")
                #expect(!finding.headline.contains("  ") && !finding.advice.contains("  "), "\(finding.advice)")
                #expect(finding.certainty != .unknown)
            }
        }
    }

    @Test("Of a source that knows nothing, nothing is claimed but what it says itself", arguments: sickHosts)
    func unknownClaimsNothing(_ sick: SickHost) {
        var ailment = sick.ailment
        for group in FigureGroup.allCases { ailment.host.certainty[group] = .unknown }
        for finding in ailment.findings.all {
            switch finding.cause {
            // A failed dial, a dial in progress and a failed lookup are facts of their own.
            case .name, .dial, .dialPending, .staleName, .massClose: break
            default: Issue.record("\(finding.headline)")
            }
        }
    }

    @Test("What rests on an estimate says so in every form") func estimates() throws {
        var ailment = Ailment("shop")
        ailment.answer([503: 200])
        ailment.host.certainty[.statuses] = .estimate
        let main = try #require(ailment.findings.main)
        #expect(main.shortText == "~503 100%" && main.advice.hasSuffix("(by an estimate)"))
    }

    @Test("A host without a single figure traps nothing") func emptiness() {
        var ailment = Ailment("shop")
        ailment.gained = HostMetrics()
        ailment.host.metrics = HostMetrics()
        ailment.host.addresses = []
        ailment.host.inFlightAges = nil
        ailment.seconds = 0
        ailment.service = nil
        #expect(ailment.findings.main == nil)
    }
}
