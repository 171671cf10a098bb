import Foundation
import TestSupport

@testable import FleetCore

/// A Prometheus that scrapes six services on loopback every second.
///
/// `a` is steady, `b` opens a connection for each request and gets a new version on the way, `c` is only watched and ends
/// on the way; the others speak dialects.
final class LiveFleet {
    let port: Int
    private let prometheus: ChildProcess
    private let folder: URL
    private var services: [String: LoopbackHTTP] = [:]

    static let prometheusPath = Promtool.path(of: "prometheus")

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("prometheus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let start = ContinuousClock.now
        @Sendable func seconds() -> Double { (ContinuousClock.now - start) / .seconds(1) }
        services = [
            "a": try LoopbackHTTP { LiveTexts.own(LiveTexts.steady, after: seconds()) },
            "b": try LoopbackHTTP { LiveTexts.own(LiveTexts.churning, after: seconds()) },
            "c": try LoopbackHTTP { LiveTexts.own(LiveTexts.steady, after: seconds(), isWatched: true) },
            "d": try LoopbackHTTP { LiveTexts.dotnet(after: seconds()) },
            "e": try LoopbackHTTP { LiveTexts.reactor(after: seconds()) },
            "n": try LoopbackHTTP { LiveTexts.undici() },
        ]
        // A port that nobody has: it is free again when its listener is closed.
        guard let listener = LoopbackListener.open(backlog: 1, isBlocking: false) else {
            throw NeverCameTrue(description: "no port is free")
        }
        close(listener.descriptor)
        port = listener.port
        let jobs = [("shop", ["a", "b", "c"]), ("billing", ["d", "e"]), ("web", ["n"])]
        var config = "global: {scrape_interval: 1s, scrape_timeout: 900ms}\nscrape_configs:\n"
        for (job, _) in jobs {
            config += "  - {job_name: \(job), file_sd_configs: [{files: ['\(folder.path)/\(job).json']}]}\n"
        }
        try Data(config.utf8).write(to: folder.appendingPathComponent("prometheus.yml"))
        prometheus = try ChildProcess(
            Self.prometheusPath ?? "prometheus",
            [
                "--config.file=\(folder.path)/prometheus.yml", "--storage.tsdb.path=\(folder.path)/data",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
            ])
        for (job, names) in jobs { try target(job, names.map { ($0, "1.0") }) }
    }

    /// Prometheus reads the file anew when it changes.
    private func target(_ job: String, _ versions: [(name: String, version: String)]) throws {
        let targets = versions.compactMap { name, version in
            services[name].map {
                """
                {"targets":["127.0.0.1:\($0.port)"],"labels":{"instance":"\(name):9464","version":"\(version)"}}
                """
            }
        }
        let file = folder.appendingPathComponent("\(job).json")
        try Data("[\(targets.joined(separator: ","))]".utf8).write(to: file, options: .atomic)
    }

    func deploy() throws { try target("shop", [("a", "1.0"), ("b", "1.1"), ("c", "1.0")]) }

    func kill(_ name: String) { services[name]?.stop() }

    func end() async {
        await prometheus.end()
        for (name, service) in services where name != "c" { service.stop() }
        try? FileManager.default.removeItem(at: folder)
    }

    func get(_ request: FleetRequest) -> (status: Int, body: [UInt8])? {
        LoopbackHTTP.get(port: port, "/\(request.path)?\(request.form)")
    }
}
