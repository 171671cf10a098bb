import DNSWire
import Foundation
import TestSupport
import Testing

/// Our reader of URLs against Node's `new URL()`, which follows the WHATWG standard: it makes tidy what it can, ours
/// refuses what two programs could read in two ways. What ours reads both have to read alike; what only one of them reads
/// has to be one of the differences that are meant.
@Suite struct URLDifferentialTests {
    private struct Theirs: Decodable {
        var protocolName: String?
        var host: String?
        var port: String?
        var target: String?
    }

    // MARK: The table

    private static let schemes = ["http", "HTTP", "https", "hTTpS", "ftp", "", "htt p"]
    private static let hosts = [
        "a", "A.Example", "a.test.", "a_b-c.test", "localhost", "127.0.0.1", "255.255.255.255", "[::1]", "[::]",
        "[0:0:0:0:0:0:0:1]", "[2001:DB8::A:0:0:1]", "[::ffff:127.0.0.1]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]",
        "xn--bcher-kva.test", "1a.test", "a1", "x.y.z.w", "0xg.test", "a.0b", "[fe80::1%25eth0]", "127.1", "1.2.3",
        "0x7f.0.0.1", "010.0.0.1", "2130706433", "1.2.3.4.5", "1.2.3.256", "127.0.0.1.", "a.1", "[::1", "[::g]", "[]",
        "[1:2:3:4:5:6:7:8:9]", "[::1::]", "[127.0.0.1]", "[fe80::1%eth0]", "[v1.a]", "::1", "u@a", "u:p@a", "a b",
        "a..b",
        "-a", "a-", "a%2eb", "a*b", "a!b", "käse.test", "a\\b", "", "a|b", "a^b", "a<b", "xn--a", "a\tb", "a\r\nb", "é",
        String(repeating: "a", count: 63), String(repeating: "a", count: 64),
    ]
    private static let ports = [
        "", ":", ":80", ":0080", ":443", ":8080", ":65535", ":00000065535", ":0", ":000", ":65536", ":99999999999",
        ":8x",
        ":-1", ":+8", ": 80", ":80:81", ":８",
    ]
    private static let targets = [
        "", "/", "/a/b?q=1", "?q", "#f", "/a#f?x", "/a?x#f", "//a//b", "/%20%zz", "/a;b,c:d@e", "/~!$&'()*+", "/a b",
        "/a\tb",
        "/a\r\nX: y", "/é", "/..", "/a/./b", "/a/%2e%2e/b", "/a\\b", "/\"<>`{}", "/a|b^c", "?a'b", "?a\"b", "/a\0b",
        "/\u{7F}",
    ]

    static let urls: [String] = {
        var all: [String] = []
        for scheme in schemes { all += ["\(scheme)://a.test/x", "\(scheme):a", "\(scheme):/a", "\(scheme):///a"] }
        for host in hosts { all += ["http://\(host)/", "https://\(host):8080/p?q", "http://\(host)"] }
        for port in ports { all += ["a.test", "127.0.0.1", "[::1]"].map { "https://\($0)\(port)/p" } }
        for target in targets { all += ["http://a.test", "https://[::1]:8443"].map { $0 + target } }
        // A generator of its own, so that the table is the same everywhere.
        var state: UInt64 = 9
        func pick(_ texts: [String]) -> String {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return texts[Int(state >> 33) % texts.count]
        }
        for _ in 0..<600 { all.append("\(pick(schemes))://\(pick(hosts))\(pick(ports))\(pick(targets))") }
        return all
    }()

    // MARK: The comparison

    /// The difference between the two readings of a URL; nil if there is none.
    private static func complaint(_ text: String, _ theirs: Theirs?) -> String? {
        let url: HTTPURL
        do throws(HTTPURLError) {
            url = try HTTPURL(text)
        } catch {
            guard let theirs, ["http:", "https:"].contains(theirs.protocolName ?? "") else { return nil }
            return isMeant(error, text, theirs) ? nil : "only Node reads it: \(error)"
        }
        guard let theirs else {
            // Zones are no part of the WHATWG standard, and punycode is not decoded here.
            return url.authority.address?.zone != nil || text.contains("xn--a") ? nil : "only we read it"
        }
        if theirs.protocolName != (url.isTLS ? "https:" : "http:") { return "another scheme: \(theirs)" }
        let host = theirs.host ?? ""
        let address = host.hasPrefix("[") ? IPAddress(host.dropFirst().dropLast()) : IPAddress(host)
        if url.authority.address != address || address == nil && url.authority.host != host {
            return "another host: \(host)"
        }
        let port = theirs.port.flatMap(Int.init) ?? (url.isTLS ? 443 : 80)
        if url.port != port { return "another port: \(port)" }
        return url.target == theirs.target || isTidied(url.target) ? nil : "another path: \(theirs.target ?? "")"
    }

    /// The differences that are meant: what ours refuses and Node reads.
    private static func isMeant(_ error: HTTPURLError, _ text: String, _ theirs: Theirs) -> Bool {
        switch error {
        // `http:a` and `http:/a` are made `http://a`; blanks and controls around a URL are dropped.
        case .noScheme: !text.contains("://")
        case .otherScheme: false
        // Percent-encoded, or dropped.
        case .badPath: text.utf8.contains { $0 <= 0x20 || $0 >= 0x7F }
        case .badAuthority(let error):
            switch error {
            // `http:///a` is made `http://a`.
            case .noHost: text.contains(":///") || text.contains("://\\")
            case .userInformation: text.contains("@")
            // Dropped.
            case .controlCharacter: text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
            // Not a name of DNS: percent-encoding, other signs, empty or long labels, hyphens at an end; a backslash is
            // made a slash.
            case .notName(let name):
                name.utf8.contains {
                    !($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2E)
                }
                    || name.contains("..") || name.count > 63
            // Made punycode.
            case .notASCII(let name): name.utf8.contains { $0 >= 0x80 }
            // Made four decimal parts.
            case .notIPv4(let name): IPAddress(theirs.host ?? "") != nil && IPAddress(name) == nil
            case .notIPv6, .bareIPv6, .openBracket, .badZone: false
            // Nothing can be reached at port 0. Tabs and line ends are dropped from a port as from everywhere.
            case .badPort(let port): Int(port) == 0 || port.utf8.contains { $0 < 0x20 }
            }
        }
    }

    /// Node resolves dots and encodes some signs; ours sends a path as it was written.
    private static func isTidied(_ target: String) -> Bool {
        let path = target.prefix { $0 != "?" }.lowercased().replacing("%2e", with: ".")
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        return segments.contains(".") || segments.contains("..") || target.contains { "\\\"<>`{}|^'".contains($0) }
    }

    static let node = "/usr/bin/node"

    @Test(
        "URLs are read as in Node, or refused for a documented reason",
        .enabled(if: FileManager.default.isExecutableFile(atPath: URLDifferentialTests.node), "node is not installed"))
    func sameAsNode() async throws {
        let script = """
            const urls = JSON.parse(require('fs').readFileSync(process.argv[1]));
            const read = text => {
              try {
                const u = new URL(text);
                return { protocolName: u.protocol, host: u.hostname, port: u.port, target: u.pathname + u.search };
              } catch { return null; }
            };
            console.log(JSON.stringify(urls.map(read)));
            """
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try JSONEncoder().encode(Self.urls).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try await ChildProcess.output(of: Self.node, ["-e", script, file.path])
        let theirs = try JSONDecoder().decode([Theirs?].self, from: Data(output.utf8))
        try #require(theirs.count == Self.urls.count && theirs.count > 800)
        for (text, theirs) in zip(Self.urls, theirs) {
            let complaint = Self.complaint(text, theirs)
            #expect(complaint == nil, "\(text.debugDescription): \(complaint ?? "")")
        }
    }
}
