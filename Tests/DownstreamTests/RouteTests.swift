import Testing

@testable import Downstream

@Suite struct RouteTests {
    @Test(
        "A path selects its route",
        arguments: [
            ("/", Route.ordinary), ("/products/17?page=2", .ordinary), ("/statuses", .ordinary), ("*", .ordinary),
            ("/_stats", .stats), ("/_fault?drop-idle", .fault(query: "drop-idle")), ("/status/503", .status(503)),
            ("/status/99", .unknown), ("/bytes/65536", .bytes(65536)), ("/bytes/-1", .unknown), ("/bytes", .unknown),
            ("/chunked/0", .chunked(0)), ("/until-close/9", .untilClose(9)),
            ("/delay/50ms", .delay(nanoseconds: 50_000_000)), ("/delay/1.5s", .delay(nanoseconds: 1_500_000_000)),
            ("/delay/2", .delay(nanoseconds: 2_000_000_000)), ("/delay/2h", .unknown), ("/delay/inf", .unknown),
            ("/slow-body/3/10ms", .slowBody(pieces: 3, nanoseconds: 10_000_000)), ("/slow-body/0/1s", .unknown),
            ("/close", .close), ("/close/silent", .silentClose), ("/drop", .cut(midway: false, .fin)),
            ("/reset/midway", .cut(midway: true, .reset)), ("/interim/2", .interim(2)), ("/echo", .echo),
            ("/hint/timeout=1,%20max=5", .hint("timeout=1, max=5")), ("/hint/a%0d%0ab", .unknown),
            ("/hint/%zz", .unknown),
        ])
    func aPathSaysWhatItWants(path: String, route: Route) { #expect(Route(target: path) == route) }

    @Test(
        "A query selects a fault",
        arguments: [
            ("drop-idle", InjectedFault.dropIdle), ("reset-all", .resetAll), ("drain", .drain), ("refuse", .refuse),
            ("forge", .forge), ("recover", .recover), ("slow&factor=3", .slow(factor: 3, addedSeconds: 0)),
            ("slow&added=200ms", .slow(factor: 1, addedSeconds: 0.2)),
            ("dns&addresses=127.0.0.2&ttl=5", .dns(.records(addresses: ["127.0.0.2"], ttlSeconds: 5))),
            ("dns&addresses=a,b", .dns(.records(addresses: ["a", "b"], ttlSeconds: nil))),
            ("dns&ttl=1", .dns(.records(addresses: nil, ttlSeconds: 1))), ("dns=nxdomain", .dns(.nameError)),
            ("dns=servfail", .dns(.serverFailure)), ("dns=silence", .dns(.silence)),
            ("dns=truncate", .dns(.truncation)),
        ])
    func aQuerySaysWhichFault(query: String, fault: InjectedFault) { #expect(InjectedFault(query: query) == fault) }

    @Test(
        "Any other query is not a fault",
        arguments: ["", "explode", "slow&factor=x", "slow&added=1y", "dns", "dns=maybe", "=", "&&"])
    func anythingElseIsNoFault(query: String) { #expect(InjectedFault(query: query) == nil) }
}
