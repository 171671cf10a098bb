import Foundation
import Testing
import Wording

@testable import PoolModel
@testable import Recordings
@testable import SessionConfig
@testable import pooltop

/// Events in recordings and saved pictures.
@Suite("Recorded notices")
struct RecordedNoticeTests {
    private let notices: [AgentNotice] = [
        AgentNotice(level: .mark, uptimeSeconds: 0.5, hostID: nil, kind: .keepAliveFor(exchanges: 2...9)),
        AgentNotice(
            level: .warn, uptimeSeconds: 1, hostID: 1, hostName: "evil\u{1B}[31m",
            kind: .hostUnreachable(.tlsHandshakeFailed, .protocolVersion)),
        AgentNotice(
            level: .info, uptimeSeconds: 1.25, hostID: 0, hostName: "catalog",
            kind: .addressRetired("127.0.0.1:80", connections: 2)),
        AgentNotice(
            level: .mark, uptimeSeconds: 1.5, hostID: nil, kind: .program(ProgramNotice(.loadChanged(factor: 1.1)))),
        AgentNotice(
            level: .mark, uptimeSeconds: 1.75, hostID: 0, hostName: "catalog",
            kind: .program(ProgramNotice(.faultInjected(.slowDown)))),
    ]

    private func read(_ text: String) throws -> [AgentNotice] {
        let file = try TemporaryFile(text)
        var events: [AgentNotice] = []
        _ = try Recording(path: file.path) { snapshot, _ in events += snapshot.events }
        return events
    }

    private func recording() throws -> String {
        var snapshot = RecordedStory.told(seconds: 2)[4]
        snapshot.events = notices
        return try RecordedStory.recording([snapshot])
    }

    @Test("A recording contains notices without text, and replays with today's text")
    func kinds() throws {
        let text = try recording()
        #expect(!text.contains("cannot be reached") && text.contains("\"kind\":\"hostUnreachable\""))
        let events = try read(text)
        #expect(events == notices)
        #expect(events.last?.text == "catalog: answers slowed" && events.last?.label == "f slow")
    }

    @Test(
        "An unknown kind is shown by its label, and an invalid one is an error with its place")
    func unknownAndBroken() throws {
        let text = try recording()
        let newer = try read(text.replacing("\"kind\":\"keepAliveFor\"", with: "\"kind\":\"certificateRenewed\""))
        #expect(newer.first?.text == "certificateRenewed" && newer.dropFirst().elementsEqual(notices.dropFirst()))
        let error = #expect(throws: CommandLineError.self) {
            try read(text.replacing("\"connections\":2", with: "\"connections\":-2"))
        }
        #expect(
            error?.message.contains("'events.2.connections' is out of range: -2") == true, "\(error?.message ?? "")")
    }

    @Test("A saved screen contains the text beside each notice")
    func savedPicture() throws {
        let file = try TemporaryFile("")
        defer { withExtendedLifetime(file) {} }
        var snapshot = RecordedStory.told(seconds: 2)[4]
        snapshot.events = notices
        let answer = SavedPicture.save("x", snapshot, in: file.folder)
        let name = try #require(answer.split(separator: " ").last)
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(file.folder)/\(name)"))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let events = try #require(object["events"] as? [[String: Any]])
        #expect(events.map { $0["text"] as? String } == notices.map(\.text))
        #expect(events.map { $0["label"] as? String } == notices.map(\.label))
        #expect(object["load"] != nil && object["hosts"] != nil)
        #expect(try JSONDecoder().decode(AgentSnapshot.self, from: data).events == notices)
    }
}
