import HTTP1
import PoolModel
import Testing

@testable import Prober

@Suite struct ProbeAdviceTests {
    private typealias Fixture = ProbeFixture
    private typealias Run = ProbeObservations.Run

    private func advise(_ seen: ProbeObservations) -> ProbeAdvice {
        ProbeAdvice(ProbeFindings(seen), heldSeconds: seen.heldSeconds, failure: seen.failure)
    }

    /// The server's limit in seconds, the client's in milliseconds: a second less, or half of a short one.
    static let margins: [(Double, Int?)] = [
        (60, 59_000), (60.004, 59_000), (5.9996, 5000), (3, 2000), (2.9996, 2000), (2.5, 1500), (2, 1000), (1.5, 750),
        (1, 500), (0.25, 120), (0.02, 10), (0.01, nil), (0, nil),
    ]

    @Test("The client should close first", arguments: margins) func aClientGivesUpFirst(server: Double, client: Int?) {
        #expect(ProbeAdvice.clientLimit(of: server) == client)
    }

    @Test("The observed limit is the basis of the advice")
    func theObservedLimitIsTheBasis() {
        let advice = advise(Fixture.keeping(held: Fixture.closed([2, 2.01])))
        #expect(advice.idleMilliseconds == 1000 && advice.basis == .observed && advice.maxRequests == nil)
        #expect(
            advice.sentences == [
                "Let a connection be idle for 1s at most: the server ends it after 2.00s, and what is sent meanwhile is"
                    + " lost."
            ])
    }

    @Test("An announcement that is not kept is reported")
    func aPromiseThatIsNotKeptIsSaid() {
        let advice = advise(Fixture.keeping(Fixture.response(timeout: 60), held: Fixture.closed([5, 5.1])))
        #expect(advice.idleMilliseconds == 4000 && advice.basis == .observed)
        #expect(advice.sentences.last == "It promises 60s (Keep-Alive: timeout) and does not keep that.")
    }

    @Test("A shorter announcement wins")
    func aShorterPromiseWins() {
        let advice = advise(Fixture.keeping(Fixture.response(timeout: 4), held: Fixture.closed([5, 5.1])))
        #expect(advice.idleMilliseconds == 3000 && advice.basis == .hint)
        #expect(
            advice.sentences == [
                "Let a connection be idle for 3s at most: the server promises 4s, and was seen to hold 5.00s."
            ])
    }

    @Test("An announcement that is kept counts as an observation")
    func aPromiseThatIsKeptIsAnObservation() {
        let advice = advise(Fixture.keeping(Fixture.response(timeout: 60), held: Fixture.closed([60.001, 60.01])))
        #expect(advice.idleMilliseconds == 59_000 && advice.basis == .observed && advice.sentences.count == 1)
    }

    @Test("Without a limit, the longest answered idle time is safe")
    func withoutALimitWhatWasAnsweredIsSafe() {
        let advice = advise(Fixture.keeping(held: [Fixture.held(59, .answered), Fixture.held(70, .answered)]))
        #expect(advice.idleMilliseconds == 69_000 && advice.basis == .answered)
        #expect(
            advice.sentences == [
                "No connection was ended within 70.0s; 69s is known to be safe, more may be (--max-wait)."
            ])
    }

    @Test("The safe time before a silent drop is the longest answered one")
    func silenceIsMeasuredFromWhatWasAnswered() {
        let seen = Fixture.keeping(held: [
            Fixture.held(2, .answered), Fixture.held(4, .failed(.requestTimeout)), Fixture.held(9, .failed(.peerReset)),
        ])
        let advice = advise(seen)
        #expect(advice.idleMilliseconds == 1000 && advice.basis == .silence)
        #expect(advice.sentences.first?.contains("4.00s looked open and was dead, one of 2.00s was not") == true)
    }

    @Test("A limit that is too short is not recommended")
    func aLimitThatIsTooShortIsNoSetting() {
        let advice = advise(Fixture.keeping(Fixture.response(timeout: 0)))
        #expect(advice.idleMilliseconds == nil && advice.basis == .hint)
        #expect(ClientSetting.all(advice, isTLS: false).isEmpty)
    }

    @Test("An announcement of zero counts only while nothing else was seen")
    func anAnnouncementOfZero() {
        let seen = Fixture.keeping(Fixture.response(timeout: 0), held: Fixture.closed([5, 5.01]))
        let advice = advise(seen)
        #expect(advice.idleMilliseconds == 4000 && advice.basis == .observed)
        #expect(advice.sentences.last?.hasPrefix("It announces timeout=0 and keeps connections") == true)
        let unseen = advise(Fixture.keeping(Fixture.response(timeout: 0)))
        #expect(
            unseen.sentences == [
                "It announces that it keeps no idle connection (timeout=0); what it does was not found out."
            ])
    }

    @Test("A lifetime is advised as such, and a number of idle connections too")
    func aLifetimeAndANumber() {
        var seen = Fixture.keeping(held: Fixture.closed([10, 10.01]))
        seen.busy = Run(responses: 9, end: .closed(.fin), seconds: 10, idleSeconds: 1)
        let advice = advise(seen)
        #expect(advice.lifetimeMilliseconds == 9000 && advice.idleMilliseconds == 9000 && advice.basis == .lifetime)
        seen.busy = nil
        seen.gathering = .init(opened: 8, kept: 3)
        #expect(advise(seen).maxIdle == 3 && advise(seen).lifetimeMilliseconds == nil)
        #expect(advise(seen).sentences.last?.hasPrefix("It keeps 3 idle connections at a time") == true)
    }

    @Test("A sweep and its spread are told")
    func aSweep() {
        let advice = advise(Fixture.keeping(held: Fixture.closed([30, 34, 39.5])))
        #expect(advice.idleMilliseconds == 29_000)
        #expect(advice.sentences.last?.contains("some became 39.5s old") == true)
    }

    @Test("A probe that was ended early says so and advises what it has seen")
    func endedEarly() {
        let seen = Fixture.keeping(held: [Fixture.held(2, .answered), Fixture.held(3, .open)], heldSeconds: 3)
        let advice = ProbeAdvice(ProbeFindings(seen), heldSeconds: 3, failure: nil, wasInterrupted: true)
        #expect(
            advice.sentences == [
                "No connection was ended within 3.00s; 1s is known to be safe, and the probe was ended early."
            ])
    }

    @Test("A server that keeps connections only if asked is told from one that never does")
    func keptIfAsked() {
        var seen = ProbeObservations()
        seen.openings = [Fixture.opening(Fixture.response(minorVersion: 0, persistence: .http10))]
        seen.askedToKeep = [.success(Fixture.response(minorVersion: 0)), .success(Fixture.response(minorVersion: 0))]
        #expect(ProbeFindings(seen).keepsConnections == false && ProbeFindings(seen).keepsIfAsked == true)
        #expect(advise(seen).sentences.last?.hasPrefix("It keeps connections where the request says") == true)
        seen.askedToKeep = [.success(Fixture.response(minorVersion: 0, persistence: .http10))]
        #expect(ProbeFindings(seen).keepsIfAsked == false)
    }

    @Test("A server that agrees on HTTP/2 only is told as such")
    func onlyHTTP2() {
        var seen = ProbeObservations()
        (seen.failure, seen.alpn) = (.tlsHandshakeFailed, "h2")
        #expect(advise(seen).sentences == ["It speaks HTTP/2 and no HTTP/1.1, and nothing else is probed here."])
    }

    @Test("An announcement of centuries is not a limit")
    func aPromiseOfCenturiesLimitsNothing() {
        let seen = Fixture.keeping(Fixture.response(timeout: .max), held: [Fixture.held(70, .answered)])
        #expect(advise(seen).basis == .answered)
    }

    @Test("Without held connections there is no advice")
    func nothingHeldIsNoAdvice() {
        let advice = advise(Fixture.keeping(heldSeconds: nil))
        #expect(advice.idleMilliseconds == nil && advice.basis == nil)
        #expect(advice.sentences == ["Its idle limit was not found out; wait longer (--max-wait)."])
    }

    @Test("Only an unannounced request limit must be counted")
    func onlyALimitWithoutAWordHasToBeCounted() {
        let announced = Run(responses: 100, end: .announced)
        let advice1 = advise(Fixture.keeping(runs: [announced, announced]))
        #expect(advice1.maxRequests == nil)
        #expect(
            advice1.sentences.last
                == "A connection carries 100 requests, and the last response says so: no client needs to count.")
        let closed = Run(responses: 100, end: .closed(.fin), close: .fin)
        let advice2 = advise(Fixture.keeping(runs: [closed, closed]))
        #expect(advice2.maxRequests == 100)
        #expect(advice2.sentences.last?.hasPrefix("Put 100 requests on a connection at most") == true)
    }

    @Test("A server that keeps no connections gets no advice")
    func aServerThatKeepsNothingCannotBeHelped() {
        var seen = ProbeObservations()
        seen.openings = [Fixture.opening(Fixture.response(persistence: .closeHeader))]
        let advice = advise(seen)
        #expect(advice.idleMilliseconds == nil && advice.maxRequests == nil && advice.basis == nil)
        #expect(advice.sentences.first == "Every request costs a new connection: it says Connection: close.")
    }

    @Test("An error status adds a caveat, because errors may be handled differently")
    func anAnswerThatIsAnErrorMayBeTreatedOtherwise() {
        let seen = Fixture.keeping(Fixture.response(status: 503), held: Fixture.closed([2, 2.01]))
        #expect(
            advise(seen).sentences.last == "It answered 503; a response that succeeds may be treated otherwise.")
    }

    @Test("A target that is down has a single sentence", arguments: FailureCause.allCases)
    func aTargetThatIsDownHasOneSentence(cause: FailureCause) {
        var seen = ProbeObservations()
        seen.failure = cause
        let advice = advise(seen)
        #expect(advice.sentences.count == 1 && advice.idleMilliseconds == nil && advice.basis == nil)
    }
}
