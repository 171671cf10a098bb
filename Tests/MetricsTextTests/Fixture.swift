import Foundation
import PoolModel

@testable import MetricsText

/// Texts of real exporters, or as their documentation has them: the first line of each says which.
enum Fixture {
    static let names = [
        "dotnet-1", "dotnet-2", "envoy", "haproxy-1", "haproxy-2", "httpcomponents", "okhttp", "reactor-netty",
        "undici",
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
        return Array(try Data(contentsOf: folder.appendingPathComponent(name + ".txt")))
    }

    static func read(_ name: String) throws -> Exposition { ExpositionReader.read(try bytes(name)) }

    /// The snapshot after one scrape of a text.
    static func snapshot(_ name: String) throws -> AgentSnapshot {
        var source = MetricsSource(name: "test")
        return source.read(try read(name), takenAt: 0, uptimeSeconds: 0)
    }
}

extension AgentSnapshot {
    func host(_ name: String) -> HostSnapshot? { hosts.first { $0.name == name } }
}
