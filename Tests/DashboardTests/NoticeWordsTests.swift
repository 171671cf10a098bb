import Foundation
import Testing

@testable import Dashboard
@testable import PoolModel
@testable import Wording

/// The words of notices and the labels of marks.
@Suite("Texts of notices")
struct NoticeWordsTests {
    private func notice(_ kind: AgentNotice.Kind, host: String? = "a") -> AgentNotice {
        AgentNotice(level: .info, uptimeSeconds: 1, hostID: host == nil ? nil : 0, hostName: host, kind: kind)
    }

    /// One with everything that any kind has.
    private func recorded(_ kind: String) throws -> AgentNotice {
        let text = """
            {"level": "warn", "uptimeSeconds": 2.5, "hostID": 3, "hostName": "legacy", "kind": "\(kind)",
            "cause": "tlsCertificateInvalid", "tlsFailure": "expired", "seconds": 12.34, "from": 3, "to": 5,
            "address": "10.0.0.1:80", "connections": 2, "lookedUp": "a.test", "count": 3, "factor": 1.1, "fault": "drain",
            "setting": "maxSockets", "before": "8", "after": "16"}
            """
        return try JSONDecoder().decode(AgentNotice.self, from: Data(text.utf8))
    }

    @Test("Every kind of notice has a text and survives JSON", arguments: AgentNotice.Kind.Label.allCases)
    func everyKind(label: AgentNotice.Kind.Label) throws {
        let notice = try recorded(label.rawValue)
        #expect(notice.kind.label == label.rawValue)
        #expect(notice.kind != .program(ProgramNotice(.unknown(label.rawValue))))
        #expect(notice.text.contains(" ") && notice.text != label.rawValue)
        let again = try JSONDecoder().decode(AgentNotice.self, from: JSONEncoder().encode(notice))
        #expect(again == notice)
    }

    @Test("An unknown kind is shown by its label")
    func unknownKinds() throws {
        #expect(try recorded("certificateRenewed").text == "certificateRenewed")
        let text = #"{"level":"warn","uptimeSeconds":1,"kind":"requestFailed","cause":"somethingNew"}"#
        let notice = try JSONDecoder().decode(AgentNotice.self, from: Data(text.utf8))
        #expect(notice.text == "requestFailed" && notice.level == .warn)
    }

    @Test(
        "The texts of notices have not changed",
        arguments: [
            (AgentNotice.Kind.keepAliveOn, "HTTP keep-alive ON for a"), (.keepAliveOff, "HTTP keep-alive OFF for a"),
            (.keepAliveFor(exchanges: 3...3), "HTTP keep-alive for 3 exchanges for a"),
            (.keepAliveFor(exchanges: 3...5), "HTTP keep-alive for 3 to 5 exchanges for a"),
            (.idleClosed, "idle connections closed for a"), (.dnsCacheOn, "DNS cache ON"),
            (.dnsCacheOff, "DNS cache OFF"), (.dnsCacheFlushed, "DNS cache flushed"),
            (.settingsChanged, "limits changed"),
            (.suspended(seconds: 28799.6), "the machine slept for 28800 s; idle connections closed"),
            (.resolverChanged, "resolv.conf or hosts changed; names are looked up again"),
            (.hostUnreachable(.connectRefused, nil), "a: connection refused"),
            (
                .hostUnreachable(.tlsCertificateInvalid, .expired),
                "a: certificate has expired"
            ), (.hostReachable, "a: reachable again"),
            (.requestFailed(.peerReset, nil), "a: server reset the connection"),
            (.reuseForbidden, "a sends Connection: close; HTTP keep-alive cannot help this host"),
            (.idleClosedByPeer(ageSeconds: 5.04), "a closed a connection that was idle for 5.0 s"),
            (.unsolicitedBytes, "a sent bytes that no request asked for; connection closed"),
            (.addressRetired("10.0.0.1:80", connections: 1), "a: 10.0.0.1:80 left DNS; 1 connection retired"),
            (.addressRetired("10.0.0.1:80", connections: 2), "a: 10.0.0.1:80 left DNS; 2 connections retired"),
        ])
    func words(kind: AgentNotice.Kind, text: String) {
        #expect(notice(kind).text == text)
    }

    @Test("A failure says the name that was looked up, and how often it happened")
    func detailsOfFailures() {
        var failure = notice(.hostUnreachable(.dnsNotFound, nil))
        failure.lookedUp = "host.invalid"
        #expect(failure.text == "a: no such name (host.invalid)")
        failure = notice(.requestFailed(.peerReset, nil))
        failure.count = 12
        #expect(failure.text == "a: server reset the connection (×12)")
    }

    @Test(
        "The texts of program notices have not changed",
        arguments: [
            (ProgramNotice.Content.loadChanged(factor: 2), "load ×2"), (.loadChanged(factor: 0.5), "load ÷2"),
            (.loadChanged(factor: 1.1), "load +10%"), (.loadChanged(factor: 0.9), "load −10%"),
            (.settingChanged(name: "maxSockets", from: "8", to: "16"), "maxSockets 8 ▸ 16 for a"),
            (.totalsReset, "totals reset"), (.faultInjected(.heal), "a: back to normal"),
            (.faultInjected(.slowDown), "a: answers slowed"),
            (.silent(seconds: 1.23), "no answer from a for 1.2 s"),
            (.stopped(seconds: 6.04), "the program was stopped for 6.0 s"),
            (.stopped(seconds: 1.2, cause: .waited), "the program waited 1.2 s for a processor, which others had"),
            (.stopped(seconds: 1.2, cause: .busy), "the program was busy for 1.2 s and could not send"),
        ])
    func wordsOfTheProgram(content: ProgramNotice.Content, text: String) {
        #expect(notice(.program(ProgramNotice(content))).text == text)
    }

    @Test("A notice without a host is about all hosts")
    func allHosts() {
        #expect(notice(.keepAliveOn, host: nil).text == "HTTP keep-alive ON for all hosts")
        #expect(notice(.idleClosed, host: nil).text == "idle connections closed for all hosts")
    }

    @Test("Figures of any size can be formatted", arguments: [0, -1, 1e-300, 1e300, .infinity, -.infinity, .nan])
    func extremes(figure: Double) {
        let programs: [ProgramNotice.Content] = [.loadChanged(factor: figure), .stopped(seconds: figure)]
        let kinds: [AgentNotice.Kind] =
            [.suspended(seconds: figure), .idleClosedByPeer(ageSeconds: figure)]
            + programs.map { .program(ProgramNotice($0)) }
        for kind in kinds { #expect(!notice(kind).text.isEmpty) }
    }

    @Test("A mark is labelled with the key that causes such a change")
    func labelsAreKeys() {
        let labels: [(AgentNotice.Kind, String)] = [
            (.keepAliveOn, "K on"), (.keepAliveFor(exchanges: 1...1), "K on"), (.keepAliveOff, "K off"),
            (.idleClosed, "x"), (.dnsCacheOn, "d on"), (.dnsCacheOff, "d off"), (.dnsCacheFlushed, "D"),
            (.settingsChanged, "set"), (.suspended(seconds: 1), "sleep"), (.resolverChanged, "DNS"),
            (.program(ProgramNotice(.faultInjected(.drain))), "f drain"), (.program(ProgramNotice(.totalsReset)), "R"),
            (.program(ProgramNotice(.loadChanged(factor: 4))), "load ×4"),
            (.program(ProgramNotice(.stopped(seconds: 1))), "gap 1.0 s"), (.hostReachable, ""),
        ]
        for (kind, label) in labels { #expect(notice(kind, host: nil).label == label) }
        for (kind, label) in [(AgentNotice.Kind.keepAliveOn, "t on"), (.keepAliveOff, "t off"), (.idleClosed, "x")] {
            #expect(notice(kind, host: "a").label == label, "for one host")
        }
        for key in ChangeKey.allCases {
            let row = keyTable.first { $0.keys.contains { $0.key == .character(key.rawValue) } }
            #expect(row?.group == .agent && row?.shown.unicodeScalars.contains(key.rawValue) == true, "\(key)")
        }
    }
}

/// The menu of faults, and the lines and marks that come of it.
@Suite("Faults") struct FaultTests {
    private func model(_ faults: DownstreamFault..., keys: [Key] = []) -> Model {
        var (model, story) = Told.at90
        _ = update(&model, .resize(width: 120, height: 36))
        for fault in faults {
            story.events.append(
                AgentNotice(
                    level: .mark, uptimeSeconds: story.uptime, hostID: 0, hostName: "catalog",
                    kind: .program(ProgramNotice(.faultInjected(fault)))))
        }
        story.step()
        story.give(to: &model)
        for key in keys { _ = update(&model, .key(key)) }
        return model
    }

    private func screen(_ model: Model) -> [Substring] {
        render(model, width: 120, height: 36).plainText().split(separator: "\n")
    }

    @Test("A fault is named in its line and at its mark")
    func names() {
        let rows = screen(model(.slowDown))
        #expect(rows.contains { $0.contains("FAULT catalog: answers slowed") })
        #expect(rows.contains { $0.contains("f slow 11:01:30") })
        #expect(screen(model(.heal)).contains { $0.contains("MARK  catalog: back to normal") })
    }

    @Test("The menu says which faults are in force, until the host is back to normal")
    func inForce() {
        let rows = screen(model(.slowDown, .refuse, .dropIdle, keys: [.character("f")]))
        let inForce = rows.filter { $0.contains("in force") }
        #expect(inForce.count == 2)
        #expect(inForce.first?.contains("refuse new connections") == true)
        #expect(!screen(model(.slowDown, .heal, keys: [.character("f")])).contains { $0.contains("● in force") })
    }

    @Test("The line below the menu says what the selected fault comes to")
    func hints() {
        #expect(screen(model(keys: [.character("f")])).contains { $0.contains("11 idle now; marked “f drop”.") })
        let down = Array(repeating: Key.down, count: 4)
        #expect(screen(model(keys: [.character("f")] + down)).contains { $0.contains("or after D; marked “f DNS”.") })
    }

    @Test("A changed address says when it takes effect")
    func changedAddress() {
        #expect(screen(model(.changeDNS)).contains { $0.contains("when the cached record expires; D flushes") })
        var (model, story) = Told.at90
        _ = update(&model, .key(.character("2")))
        story.events = [
            AgentNotice(
                level: .mark, uptimeSeconds: story.uptime, hostID: 0, hostName: "catalog",
                kind: .program(ProgramNotice(.faultInjected(.changeDNS))))
        ]
        story.uptime += 2
        story.give(to: &model)
        #expect(model.live.events.lines.last?.text.contains("takes effect in 3.0 s, by the record's TTL; D") == true)
    }
}
