/// The behaviour that a request selects by its path. All other paths are ordinary traffic and get the scenario's
/// response. The paths in this table behave the same on every downstream, for tests and for use with curl.
///
/// | Path | Answer |
/// |---|---|
/// | `/_stats` | the counts, as JSON; itself counted apart; see `ControlAccess` |
/// | `/_fault?drop-idle` (POST) | injects a fault, see `InjectedFault`; itself counted apart; needs the token |
/// | `/status/503` | that status |
/// | `/bytes/65536` | a body of that many bytes, with Content-Length |
/// | `/chunked/65536` | the same, chunked |
/// | `/until-close/65536` | the same, ended by the end of the connection |
/// | `/delay/50ms` | the ordinary response after that time |
/// | `/slow-body/5/100ms` | five pieces of 64 bytes, that far apart |
/// | `/close` | says `Connection: close` and closes |
/// | `/close/silent` | says nothing of the kind and closes |
/// | `/drop` | closes without an answer (FIN) |
/// | `/drop/midway` | closes in the middle of the body (FIN) |
/// | `/reset` | resets without an answer |
/// | `/reset/midway` | resets in the middle of the body |
/// | `/http10` | an HTTP/1.0 response |
/// | `/early` | answers when it has the head, then reads the body |
/// | `/interim/2` | that many 103 responses first |
/// | `/hint/timeout=1, max=5` | that text as the `Keep-Alive` field |
/// | `/unsolicited` | a second response that nobody asked for follows the first |
/// | `/echo` | the body of the request |
/// | `/headers` | the head of the request, as received |
enum Route: Equatable {
    case ordinary
    case stats
    case fault(query: String)
    case status(Int)
    case bytes(Int)
    case chunked(Int)
    case untilClose(Int)
    case delay(nanoseconds: Int64)
    case slowBody(pieces: Int, nanoseconds: Int64)
    case close
    case silentClose
    case cut(midway: Bool, Scenario.Drop)
    case http10
    case early
    case interim(Int)
    case hint(String)
    case unsolicited
    case echo
    case headers
    /// A path of the table with an invalid argument: 404.
    case unknown

    /// Counted separately from traffic, and exempt from faults.
    var isControl: Bool {
        switch self {
        case .stats, .fault: true
        case .ordinary, .status, .bytes, .chunked, .untilClose, .delay, .slowBody, .close, .silentClose, .cut, .http10,
            .early, .interim, .hint, .unsolicited, .echo, .headers, .unknown:
            false
        }
    }
}

extension Route {
    static let maxBytes = 64 << 20
    private static let longestName = 11

    init(_ head: RequestHead) {
        if head.targetIsRoot {
            self = .ordinary
            return
        }
        self.init(target: head.targetString)
    }

    init(target: String) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let segments = parts[0].split(separator: "/", omittingEmptySubsequences: true)
        guard target.utf8.first == UInt8(ascii: "/"), let name = segments.first,
            name.utf8.count <= Self.longestName
        else {
            self = .ordinary
            return
        }
        let query = parts.count > 1 ? String(parts[1]) : ""
        self = Self.named(name, segments.dropFirst().map(String.init), query: query)
    }

    private static func named(_ name: Substring, _ arguments: [String], query: String) -> Route {
        let first = arguments.first
        let size = first.flatMap { Int($0) }.flatMap { (0...maxBytes).contains($0) ? $0 : nil }
        let midway = first == "midway"
        switch name {
        case "_stats": return .stats
        case "_fault": return .fault(query: query)
        case "status": return size.flatMap { (200...599).contains($0) ? .status($0) : nil } ?? .unknown
        case "bytes": return size.map(Route.bytes) ?? .unknown
        case "chunked": return size.map(Route.chunked) ?? .unknown
        case "until-close": return size.map(Route.untilClose) ?? .unknown
        case "delay": return first.flatMap(nanoseconds).map(Route.delay) ?? .unknown
        case "slow-body": return slowBody(arguments)
        case "close": return first == "silent" ? .silentClose : .close
        case "drop": return .cut(midway: midway, .fin)
        case "reset": return .cut(midway: midway, .reset)
        case "http10": return .http10
        case "early": return .early
        case "interim": return .interim(min(size ?? 1, 100))
        case "hint": return (first?.removingPercentEncoding).flatMap(checkedHint) ?? .unknown
        case "unsolicited": return .unsolicited
        case "echo": return .echo
        case "headers": return .headers
        default: return .ordinary
        }
    }

    private static func slowBody(_ arguments: [String]) -> Route {
        guard let pieces = Int(arguments.first ?? "10"), (1...10_000).contains(pieces),
            let gap = nanoseconds(arguments.count > 1 ? arguments[1] : "100ms")
        else { return .unknown }
        return .slowBody(pieces: pieces, nanoseconds: gap)
    }

    /// Refuses text that would end the field and begin another.
    private static func checkedHint(_ text: String) -> Route? {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } ? Route.hint(text) : nil
    }

    /// `50ms`, `2s`, `100us`; a bare number is seconds. At most an hour.
    static func nanoseconds(_ text: String) -> Int64? {
        let units: [(String, Double)] = [("us", 1e3), ("ms", 1e6), ("s", 1e9), ("", 1e9)]
        for (unit, scale) in units where text.hasSuffix(unit) {
            guard let value = Double(text.dropLast(unit.count)), (0...3600).contains(value * scale / 1e9) else {
                return nil
            }
            return Int64(value * scale)
        }
        return nil
    }
}

extension String {
    /// A replacement for Foundation's property, because the server's target needs nothing else from Foundation.
    fileprivate var removingPercentEncoding: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
