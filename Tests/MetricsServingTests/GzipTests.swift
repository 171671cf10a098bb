import Foundation
import PoolModel
import TestSupport
import Testing

@testable import MetricsServing

/// Packed texts, as gzip itself reads them.
@Suite struct GzipTests {
    /// The bytes come out of gzip itself as they went in.
    private func expectSame(_ packed: [UInt8], as plain: [UInt8]) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gzip-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(packed).write(to: folder.appendingPathComponent("packed.gz"))
        try Data(plain).write(to: folder.appendingPathComponent("plain"))
        let script = "gzip -t packed.gz && gzip -dc packed.gz | cmp - plain && echo same"
        let said = try await ChildProcess.output(of: "/bin/sh", ["-c", "cd \(folder.path) && \(script)"])
        #expect(said == "same\n")
    }

    @Test("Short texts, long runs and every byte come out as they went in")
    func ends() async throws {
        let alphabet = (0...255).map { UInt8($0) }
        let texts: [[UInt8]] = [
            [], [0], [255], Array("abc".utf8), Array(repeating: 97, count: 100_000),
            alphabet + alphabet.reversed() + alphabet,
            // A repetition as far back as one may be, and one further.
            alphabet + Array(repeating: 0, count: 32_768 - 256) + alphabet,
            alphabet + Array(repeating: 0, count: 32_768 - 255) + alphabet,
        ]
        // Members after one another are one text.
        try await expectSame(texts.flatMap(Gzip.packed), as: texts.flatMap(\.self))
    }

    @Test("Random texts come out as they went in")
    func random() async throws {
        var (packed, plain): ([UInt8], [UInt8]) = ([], [])
        for seed in 0..<256 {
            var random = SplitMix64(seed: UInt64(seed))
            var text: [UInt8] = []
            let symbols = [1, 2, 4, 26, 256][seed % 5]
            while text.count < seed * 16 {
                if random.unit() < 0.3, !text.isEmpty {
                    let start = Int(random.unit() * Double(text.count))
                    text += text[start..<min(text.count, start + Int(random.unit() * 300))]
                } else {
                    text.append(UInt8(Int(random.unit() * Double(symbols))))
                }
            }
            packed += Gzip.packed(text)
            plain += text
        }
        try await expectSame(packed, as: plain)
    }

    @Test("A text of metrics shrinks to less than a seventh")
    func ratio() {
        let lines = (0..<200).map {
            "http_client_pool_connections_opened_total{host=\"host-\($0).internal\"} \($0 * 37)\n"
        }
        let text = Array(lines.joined().utf8)
        #expect(Gzip.packed(text).count * 7 < text.count)
    }

    @Test(
        "Clients that take gzip are told from those that do not",
        arguments: [
            ("gzip", true), ("GZIP", true), ("deflate, gzip;q=0.5", true), ("x-gzip", true), ("*", true),
            ("gzip;q=1.0, identity; q=0.5, *;q=0", true), ("", false), ("identity", false), ("gzip;q=0", false),
            ("*, gzip;q=0", false), ("gzip;q=x", false), ("br", false), ("*;q=0", false),
        ])
    func wishes(_ value: String, _ takes: Bool) { #expect(AcceptEncoding.takesGzip(value) == takes) }
}
