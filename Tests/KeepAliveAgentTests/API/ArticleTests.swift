import Downstream
import Foundation
import KeepAliveAgent
import Testing

@Suite("The library's articles", .timeLimit(.minutes(5))) struct ArticleTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../..")

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func article(_ name: String) throws -> String {
        try text("Sources/KeepAliveAgent/KeepAliveAgent.docc/\(name).md")
    }

    @Test(
        "Every example in the articles is compiled as printed",
        arguments: ["GettingStarted", "LiveChanges", "Observing"])
    func examplesCompile(name: String) throws {
        let compiled =
            try Self.text("Tests/KeepAliveAgentTests/API/ReadmeExample.swift")
            + Self.text("Tests/KeepAliveAgentTests/API/ArticleExamples.swift")
        let blocks = try Self.article(name).components(separatedBy: "```swift\n").dropFirst()
        #expect(!blocks.isEmpty)
        for block in blocks {
            let code = try #require(block.components(separatedBy: "```").first)
            #expect(compiled.contains(code), "put this into ArticleExamples.swift:\n\(code)")
        }
    }

    @Test("Every setting is compared with other clients")
    func everySetting() throws {
        let article = try Self.article("Settings")
        for setting in Mirror(reflecting: AgentSettings()).children {
            let name = try #require(setting.label)
            #expect(article.contains("`\(name)`"), "Settings.md lacks a row for \(name)")
        }
    }

    @Test("Every close reason, failure, phase and retry decision is explained")
    func everyLabel() throws {
        let article = try Self.article("Observing")
        let labels: [[String]] = [
            CloseReason.allCases.map(\.rawValue), FailureCause.allCases.map(\.rawValue),
            RetryDecision.allCases.map(\.rawValue), TLSFailure.allCases.map(\.rawValue),
            RequestPhase.allCases.map(\.rawValue),
        ]
        for label in labels.joined() { #expect(article.contains("`\(label)`"), "Observing.md lacks \(label)") }
    }

    @Test("Every count is explained in the articles")
    func everyCount() throws {
        let article = try Self.article("Observing")
        func check(_ group: String, _ value: Any) throws {
            for count in Mirror(reflecting: value).children {
                let name = try #require(count.label)
                let isPartOfAnotherRow = name == "closedByReason"
                #expect(
                    isPartOfAnotherRow || article.contains("`\(group).\(name)`"), "Observing.md lacks \(group).\(name)")
            }
        }
        try check("requests", RequestCounts())
        try check("connections", ConnectionCounts())
        try check("tls", TLSCounts())
        try check("bytes", ByteCounts())
        try check("dns", DNSCounts())
        try check("latency", LatencySet())
    }

    @Test("The examples in the articles work as described")
    func examplesRun() async throws {
        try await APIWorld.run { world in
            let authority = try world.fleet.endpoint("plain").address
            #expect(try await download("/bytes/300000", from: authority, with: world.agent) == 300_000)
            let (parts, sender) = AsyncStream.makeStream(of: ByteBuffer.self)
            sender.yield(ByteBuffer(string: "one, "))
            sender.yield(ByteBuffer(string: "two"))
            sender.finish()
            #expect(try await upload(parts, to: authority, with: world.agent))
            #expect(await status(of: try world.request(), with: world.agent) == .ok)
            var settings = APIWorld.patient
            try await shrink(world.agent, &settings)
            #expect(settings.maxSocketsPerHost == 32)
            #expect(await status(of: try world.request(), with: world.agent) == .ok)
        }
    }
}
