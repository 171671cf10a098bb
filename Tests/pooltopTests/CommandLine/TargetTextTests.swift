import Testing

@testable import PlainDocuments
@testable import SessionConfig

@Suite struct TargetTextTests {
    @Test(
        "Valid URLs are read",
        arguments: [
            ("http://a", "http://a:80/"), ("https://a", "https://a:443/"),
            ("HTTP://A.Example:8080/p?q=1#f", "http://a.example:8080/p?q=1"),
            ("http://[::1]:8080/", "http://[::1]:8080/"), ("http://[FE80::1]", "http://[fe80::1]:80/"),
            ("http://127.0.0.1", "http://127.0.0.1:80/"), ("http://a?x=1", "http://a:80/?x=1"),
            ("http://a_b-c.test.:1/", "http://a_b-c.test.:1/"),
            ("http://a:0080", "http://a:80/"), ("http://a:", "http://a:80/"), ("hTTpS://a", "https://a:443/"),
            ("http://[0:0::01]", "http://[::1]:80/"), ("http://[fe80::1%25eth0]:1/", "http://[fe80::1%25eth0]:1/"),
        ])
    func urls(text: String, written: String) throws {
        let url = try TargetURL.parse(text)
        #expect(url.text == written)
        #expect(try TargetURL.parse(written) == url)
    }

    @Test(
        "Invalid URLs are refused with a reason",
        arguments: [
            ("", "'' is not a URL"),
            ("localhost:8080", "'localhost:8080' is not a URL; did you mean 'http://localhost:8080'?"),
            ("rum", "'rum' is not a URL"), ("ftp://a", "scheme 'ftp' is not supported"),
            ("ws://a", "scheme 'ws' is not supported"), ("http://", "the URL has no host"),
            ("http://:80", "the URL has no host"),
            (
                "http://u:p@a/",
                "a user name or password in a URL is not sent; use --header 'Authorization: Basic …' instead"
            ),
            ("http://a:0", "'0' is not a port"), ("http://a:65536", "'65536' is not a port"),
            ("http://a:8x", "'8x' is not a port"), ("http://a:+8", "'+8' is not a port"),
            ("http://[::g]", "'::g' is not an IPv6 address"),
            ("http://::1", "an IPv6 address in a URL stands in brackets"),
            ("http://1.2.3.256", "'1.2.3.256' is not an IPv4 address"),
            ("http://1.2.3", "'1.2.3' is not an IPv4 address"),
            ("http://a b", "'a b' is not a host name"), ("http://-a", "'-a' is not a host name"),
            ("http://a..b", "'a..b' is not a host name"), ("http://127.1", "'127.1' is not an IPv4 address"),
            ("http://0x7f.0.0.1.", "'0x7f.0.0.1.' is not an IPv4 address"),
            ("http://a\r\nb", "the host has a control character"),
            ("http://[fe80::1%eth0]", "'fe80::1%eth0' has no zone of a link-local address"),
            ("http://[::1", "the bracket of '[::1' is not closed"),
            ("http://käse", "host 'käse' has letters outside of ASCII; write it in punycode (xn--…)"),
            (
                "http://a/b c",
                "the path has a space, a control character or a letter outside of ASCII; percent-encode it"
            ),
        ])
    func urlProblems(text: String, problem: String) {
        #expect(throws: TextProblem.self) { try TargetURL.parse(text) }
        do { _ = try TargetURL.parse(text) } catch { #expect(error.problem == problem) }
    }

    @Test("A URL is split into its parts")
    func partsOfAnURL() throws {
        let url = try TargetURL.parse("https://[::1]/a")
        #expect(url.isTLS && url.host == "::1" && url.port == 443 && url.path == "/a")
        #expect(url.authority == "[::1]:443" && url.origin == "https://[::1]:443" && url.hostField == "[::1]")
        #expect(try TargetURL.parse("http://a:443/").hostField == "a:443")
        let scoped = try TargetURL.parse("http://[fe80::1%25eth0]:8080/")
        #expect(scoped.host == "fe80::1%eth0" && scoped.hostField == "[fe80::1]:8080")
    }

    @Test(
        "Valid resolve overrides are read",
        arguments: [
            ("a:443:127.0.0.1", "a:443:127.0.0.1"), ("A.b:443:127.0.0.1:8443", "a.b:443:127.0.0.1:8443"),
            ("a:80:[::1]", "a:80:[::1]"), ("a:80:[::1]:8080", "a:80:[::1]:8080"),
            ("*:*:10.0.0.1:80", "*:*:10.0.0.1:80"),
            ("a:80:127.0.0.1,127.0.0.2:81,[::1]", "a:80:127.0.0.1,127.0.0.2:81,[::1]"),
            ("a:80:[FE80::1%Eth0],[fe80::2%2]:81", "a:80:[fe80::1%Eth0],[fe80::2%2]:81"),
        ])
    func resolveOverrides(text: String, written: String) throws {
        let override = try ResolveText.parse(text)
        #expect(ResolveText.format(override) == written)
    }

    @Test(
        "Invalid resolve overrides are refused with a reason",
        arguments: [
            ("a:80", "'a:80' is not HOST:PORT:ADDR[:PORT]"), ("a:x:127.0.0.1", "'x' is not a port"),
            ("a:80:b", "'b' is not an IP address with or without a port"),
            ("a:80:::1", "an IPv6 address stands in brackets here"), ("a:80:127.0.0.1:0", "'0' is not a port"),
            ("a:80:", "'' is not an IP address with or without a port"),
            ("a:80:127.0.0.1,", "'' is not an IP address with or without a port"),
        ])
    func resolveProblems(text: String, problem: String) {
        #expect(throws: TextProblem.self) { try ResolveText.parse(text) }
        do { _ = try ResolveText.parse(text) } catch { #expect(error.problem == problem) }
    }

    @Test("A resolve override matches host and port")
    func resolveMatches() throws {
        let override = try ResolveText.parse("*:80:127.0.0.1")
        #expect(override.matches(host: "Any.test", port: 80) && !override.matches(host: "any.test", port: 81))
        #expect(try ResolveText.parse("a.test:*:127.0.0.1").matches(host: "A.test", port: 5))
    }

    @Test(
        "DNS server addresses are read",
        arguments: [
            ("127.0.0.1", SocketEndpoint(address: "127.0.0.1", port: 53)),
            ("127.0.0.1:5353", SocketEndpoint(address: "127.0.0.1", port: 5353)),
            ("::1", SocketEndpoint(address: "::1", port: 53)),
            ("[::1]:5353", SocketEndpoint(address: "::1", port: 5353)),
            ("fe80::1%eth0", SocketEndpoint(address: "fe80::1%eth0", port: 53)),
            ("[FE80::1%Eth0]:5353", SocketEndpoint(address: "fe80::1%Eth0", port: 5353)), ("fe80::1%", nil),
            ("[::1]", SocketEndpoint(address: "::1", port: 53)), ("dns.test", nil), ("127.0.0.1:", nil), ("", nil),
        ] as [(String, SocketEndpoint?)])
    func dnsServers(text: String, server: SocketEndpoint?) {
        #expect((try? ResolveText.parseServer(text)) == server)
    }

    @Test(
        "Invalid headers are refused with a reason",
        arguments: [
            ("Connection: close", "'Connection' is the agent's own; use --keep-alive"),
            ("content-length: 5", "'content-length' frames the message and is the agent's own"),
            ("no colon", "has no colon after the name of a header"),
            ("a b: c", "the name of a header has a blank or a sign that none has"),
            (": c", "the name of a header has a blank or a sign that none has"),
            ("a: b\r\nc: d", "the value of 'a' has a control character"),
        ])
    func headerProblems(text: String, problem: String) {
        #expect(throws: TextProblem.self) { try RequestText.parseHeader(text) }
        do { _ = try RequestText.parseHeader(text) } catch { #expect(error.problem == problem) }
    }
}
