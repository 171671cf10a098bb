import DNSWire
import Foundation
import KeepAliveAgent
import NIOCore
import NIOSSL
import PoolModel
import TestSupport
import Testing

/// Every kind of host against every kind of certificate in every version of TLS: our verdict by the rule, and curl's.
@Suite struct TLSMatrixTests {
    enum Asked: String, CaseIterable, Sendable {
        case name = "www.example.test"
        case literal = "127.0.0.1"
        case idn = "xn--bcher-kva.example.test"
        case trailingDot = "www.example.test."
        case underWildcard = "any.example.test"
        case multiLevel = "deep.any.example.test"
    }

    enum Certificate: CaseIterable, Sendable {
        case dns, ip, wildcard, commonName, oddWildcards, expired, clientOnly, selfSigned, stranger

        var pem: String {
            switch self {
            case .dns: TLSFixtures.dns
            case .ip: TLSFixtures.ip
            case .wildcard: TLSFixtures.wildcard
            case .commonName: TLSFixtures.commonName
            case .oddWildcards: TLSFixtures.oddWildcards
            case .expired: TLSFixtures.expired
            case .clientOnly: TLSFixtures.clientOnly
            case .selfSigned: TLSFixtures.selfSigned
            case .stranger: TLSFixtures.stranger
            }
        }

        /// The rule of RFC 9525 §6 for those that are valid otherwise.
        func isFor(_ asked: Asked) -> Bool {
            switch self {
            case .dns: [.name, .idn, .trailingDot].contains(asked)
            case .ip: asked == .literal
            case .wildcard: [.name, .idn, .trailingDot, .underWildcard].contains(asked)
            case .commonName, .oddWildcards, .expired, .clientOnly, .selfSigned, .stranger: false
            }
        }
    }

    struct Cell: Sendable, CustomStringConvertible {
        var asked: Asked
        var certificate: Certificate
        var version: TLSVersion
        /// TLS 1.0 is allowed; otherwise 1.2 is the least.
        var allowsOld: Bool
        var port: Int

        var description: String { "\(asked) \(certificate) \(version)\(allowsOld ? " (1.0 allowed)" : "")" }
        var isOld: Bool { version == .tlsv1 || version == .tlsv11 }
        var isAccepted: Bool { certificate.isFor(asked) && (allowsOld || !isOld) }

        /// curl 7.88 falls back to the common name where a certificate has no alternative names (RFC 2818 §3.1 let it;
        /// RFC 9525 §1.4 does not). That is the one difference, and it is meant.
        var differsFromCurl: Bool {
            certificate == .commonName && [.name, .trailingDot].contains(asked) && (allowsOld || !isOld)
        }
    }

    private func cells(on servers: TLSTestServers) async throws -> [Cell] {
        var cells: [Cell] = []
        for certificate in Certificate.allCases {
            for version in [TLSVersion.tlsv1, .tlsv11, .tlsv12, .tlsv13] {
                let port = try await servers.start(.tls(try TLSFixtures.serverContext(certificate.pem, version)))
                for asked in Asked.allCases {
                    // To the later versions it makes no difference.
                    for allowsOld in version == .tlsv1 || version == .tlsv11 ? [false, true] : [false] {
                        cells.append(
                            Cell(
                                asked: asked, certificate: certificate, version: version, allowsOld: allowsOld,
                                port: port))
                    }
                }
            }
        }
        return cells
    }

    /// The label of each cell's outcome.
    private func ask(_ cells: [Cell]) async throws -> [String] {
        let strict = try TLSFixtures.clientContext()
        let lenient = try TLSFixtures.clientContext(least: .tlsv1)
        let rig = try await Rig(dns: nil) {
            $0.maxTotalSockets = 1024
            $0.connectTimeout = .seconds(60)
            $0.tlsTimeout = .seconds(60)
            $0.requestTimeout = nil
        }
        for (index, cell) in cells.enumerated() {
            try await rig.add(
                "\(index)", .addresses([.ip(.loopbackV4, port: cell.port)]), port: cell.port,
                tls: TLSIdentity(cell.allowsOld ? lenient : strict, host: cell.asked.rawValue))
        }
        var labels: [String] = []
        for start in stride(from: 0, to: cells.count, by: 48) {
            labels += try await rig.send((start..<min(start + 48, cells.count)).map { Ask("\($0)") })
        }
        try await rig.shutdown()
        return labels
    }

    @Test("Servers are trusted by the rules, and an untrusted one receives no part of a request")
    func rule() async throws {
        let servers = TLSTestServers()
        let cells = try await cells(on: servers)
        let labels = try await ask(cells)
        for (cell, label) in zip(cells, labels) { #expect((label == "200") == cell.isAccepted, "\(cell): \(label)") }
        for (port, group) in Dictionary(grouping: cells, by: \.port) {
            #expect(servers.requests(at: port) == group.count(where: \.isAccepted), "\(group[0])")
        }
        try await servers.shutdown()
    }

    static let curl = "/usr/bin/curl"

    @Test(
        "The agent trusts the same servers as curl",
        .enabled(if: FileManager.default.isExecutableFile(atPath: TLSMatrixTests.curl), "curl is not installed"))
    func curlAgrees() async throws {
        let servers = TLSTestServers()
        let cells = try await cells(on: servers)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let authority = folder.appendingPathComponent("ca.pem").path
        try TLSFixtures.authority.write(toFile: authority, atomically: true, encoding: .utf8)
        var script: [String] = []
        for (index, cell) in cells.enumerated() {
            script += index == 0 ? [] : ["next"]
            script += [
                "url = \"https://\(cell.asked.rawValue):\(cell.port)/\"", "cacert = \"\(authority)\"", "no-sessionid",
                "silent", "output = \"/dev/null\"", "connect-to = \"::127.0.0.1:\(cell.port)\"", "noproxy = \"*\"",
                // The security level of OpenSSL 3 leaves nothing of TLS 1.0 and 1.1 otherwise.
                cell.allowsOld ? "tlsv1.0\nciphers = \"DEFAULT:@SECLEVEL=0\"" : "tlsv1.2",
                "write-out = \"\(index) %{exitcode}\\n\"",
            ]
        }
        let config = folder.appendingPathComponent("cells").path
        try script.joined(separator: "\n").write(toFile: config, atomically: true, encoding: .utf8)
        let output = try await ChildProcess.output(of: Self.curl, ["-q", "--config", config])
        var verdicts: [Int: Bool] = [:]
        for line in output.split(separator: "\n") {
            let words = line.split(separator: " ").compactMap { Int($0) }
            if words.count == 2 { verdicts[words[0]] = words[1] == 0 }
        }
        try #require(verdicts.count == cells.count, "\(output.prefix(500))")
        for (index, cell) in cells.enumerated() {
            #expect(verdicts[index] == (cell.isAccepted || cell.differsFromCurl), "\(cell)")
        }
        try await servers.shutdown()
    }
}
