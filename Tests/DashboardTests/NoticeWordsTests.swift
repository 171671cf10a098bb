import Foundation
import Testing

@testable import Dashboard
@testable import PoolModel
@testable import Wording

/// The words of notices and the labels of marks.
@Suite("Words of notices")
struct NoticeWordsTests {
    private func notice(_ kind: AgentNotice.Kind, host: String? = "a") -> AgentNotice {
        AgentNotice(level: .info, uptimeSeconds: 1, hostID: host == nil ? nil : 0, hostName: host, kind: kind)
    }

    /// One with everything that any kind has.
    private func recorded(_ kind: String) throws -> AgentNotice {
        let text = """
            {"level": "warn", "uptimeSeconds": 2.5, "hostID": 3, "hostName": "legacy", "kind": "\(kind)",
            "cause": "tlsCertificateInvalid", "tlsFailure": "expired", "seconds": 12.34, "from": 3, "to": 5,
            "address": "10.0.0.1:80", "connections": 2, "factor": 1.1, "fault": "drain",
            "setting": "maxSockets", "before": "8", "after": "16"}
            """
        return try JSONDecoder().decode(AgentNotice.self, from: Data(text.utf8))
    }

    @Test("Every kind of notice has words, and comes back from its JSON", arguments: AgentNotice.Kind.Label.allCases)
    func everyKind(label: AgentNotice.Kind.Label) throws {
        let notice = try recorded(label.rawValue)
        #expect(notice.kind.label == label.rawValue)
        #expect(notice.kind != .program(ProgramNotice(.unknown(label.rawValue))))
        #expect(notice.text.contains(" ") && notice.text != label.rawValue)
        let again = try JSONDecoder().decode(AgentNotice.self, from: JSONEncoder().encode(notice))
        #expect(again == notice)
    }

    @Test("What this version does not know is shown by its label")
    func unknownKinds() throws {
        #expect(try recorded("certificateRenewed").text == "certificateRenewed")
        let text = #"{"level":"warn","uptimeSeconds":1,"kind":"requestFailed","cause":"somethingNew"}"#
        let notice = try JSONDecoder().decode(AgentNotice.self, from: Data(text.utf8))
        #expect(notice.text == "requestFailed" && notice.level == .warn)
    }

    @Test(
        "The words are those that they have always been",
        arguments: [
            (AgentNotice.Kind.keepAliveOn, "HTTP keep-alive ON for a"), (.keepAliveOff, "HTTP keep-alive OFF for a"),
            (.keepAliveFor(exchanges: 3...3), "HTTP keep-alive for 3 exchanges for a"),
            (.keepAliveFor(exchanges: 3...5), "HTTP keep-alive for 3 to 5 exchanges for a"),
            (.idleClosed, "idle connections closed for a"), (.dnsCacheOn, "DNS cache ON"),
            (.dnsCacheOff, "DNS cache OFF"), (.dnsCacheFlushed, "DNS cache flushed"),
            (.settingsChanged, "limits changed"),
            (.suspended(seconds: 28799.6), "the machine slept for 28800 s; idle connections closed"),
            (.resolverChanged, "resolv.conf or hosts changed; names are looked up again"),
            (.hostUnreachable(.connectRefused, nil), "a cannot be reached: connectRefused"),
            (
                .hostUnreachable(.tlsCertificateInvalid, .expired),
                "a cannot be reached: tlsCertificateInvalid (expired)"
            ), (.hostReachable, "a is reachable again"),
            (.requestFailed(.peerReset, nil), "a: a request failed with peerReset"),
            (.reuseForbidden, "a sends Connection: close; HTTP keep-alive cannot help this host"),
            (.idleClosedByPeer(ageSeconds: 5.04), "a closed a connection that was idle for 5.0 s"),
            (.unsolicitedBytes, "a sent bytes that no request asked for; connection closed"),
            (.addressRetired("10.0.0.1:80", connections: 1), "a: 10.0.0.1:80 left DNS; 1 connection retired"),
            (.addressRetired("10.0.0.1:80", connections: 2), "a: 10.0.0.1:80 left DNS; 2 connections retired"),
        ])
    func words(kind: AgentNotice.Kind, text: String) {
        #expect(notice(kind).text == text)
    }

    @Test(
        "The words of what the program did are those that they have always been",
        arguments: [
            (ProgramNotice.Content.loadChanged(factor: 2), "load ×2"), (.loadChanged(factor: 0.5), "load ÷2"),
            (.loadChanged(factor: 1.1), "load +10%"), (.loadChanged(factor: 0.9), "load −10%"),
            (.settingChanged(name: "maxSockets", from: "8", to: "16"), "maxSockets 8 ▸ 16 for a"),
            (.totalsReset, "totals count from now on"), (.faultInjected(.heal), "a: back to normal"),
            (.stopped(seconds: 6.04), "the program was stopped for 6.0 s"),
        ])
    func wordsOfTheProgram(content: ProgramNotice.Content, text: String) {
        #expect(notice(.program(ProgramNotice(content))).text == text)
    }

    @Test("What is about no host is about all of them")
    func allHosts() {
        #expect(notice(.keepAliveOn, host: nil).text == "HTTP keep-alive ON for all hosts")
        #expect(notice(.idleClosed, host: nil).text == "idle connections closed for all hosts")
    }

    @Test("Figures of any size have words", arguments: [0, -1, 1e-300, 1e300, .infinity, -.infinity, .nan])
    func extremes(figure: Double) {
        let programs: [ProgramNotice.Content] = [.loadChanged(factor: figure), .stopped(seconds: figure)]
        let kinds: [AgentNotice.Kind] =
            [.suspended(seconds: figure), .idleClosedByPeer(ageSeconds: figure)]
            + programs.map { .program(ProgramNotice($0)) }
        for kind in kinds { #expect(!notice(kind).text.isEmpty) }
    }

    @Test("A mark is labelled with the key of the table that makes such a change")
    func labelsAreKeys() {
        let labels: [(AgentNotice.Kind, String)] = [
            (.keepAliveOn, "K on"), (.keepAliveFor(exchanges: 1...1), "K on"), (.keepAliveOff, "K off"),
            (.idleClosed, "x"), (.dnsCacheOn, "d on"), (.dnsCacheOff, "d off"), (.dnsCacheFlushed, "D"),
            (.settingsChanged, "set"), (.suspended(seconds: 1), "sleep"), (.resolverChanged, "DNS"),
            (.program(ProgramNotice(.faultInjected(.drain))), "f"), (.program(ProgramNotice(.totalsReset)), "R"),
            (.program(ProgramNotice(.loadChanged(factor: 4))), "load ×4"),
            (.program(ProgramNotice(.stopped(seconds: 1))), "gap"), (.hostReachable, ""),
        ]
        for (kind, label) in labels { #expect(notice(kind).label == label) }
        for key in ChangeKey.allCases {
            let row = keyTable.first { $0.keys.contains { $0.key == .character(key.rawValue) } }
            #expect(row?.group == .agent && row?.shown.unicodeScalars.contains(key.rawValue) == true, "\(key)")
        }
    }
}
