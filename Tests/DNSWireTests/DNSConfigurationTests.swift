import DNSWire
import Testing

@Suite("DNS: resolv.conf and hosts")
struct DNSConfigurationTests {
    @Test("Every option of resolv.conf is read")
    func everyOptionIsRead() {
        let configuration = ResolverConfiguration(
            resolvConf: """
                # comment
                ; comment
                nameserver 192.0.2.1
                nameserver\t2001:db8::53
                nameserver 2001:db8::54%eth0
                nameserver fe80::1%eth0
                nameserver 192.0.2.3 trailing words
                nameserver 192.0.2.4
                domain old.test
                search a.test b.test.  c.test
                options ndots:2 timeout:3 attempts:4 rotate edns0 unknown:9
                """)
        #expect(configuration.servers.map(\.description) == ["192.0.2.1:53", "[2001:db8::53]:53", "[fe80::1%eth0]:53"])
        #expect(configuration.search == [name("a.test"), name("b.test"), name("c.test")])
        #expect(configuration.ndots == 2 && configuration.timeoutSeconds == 3 && configuration.attempts == 4)
        #expect(configuration.rotate)
    }

    @Test(
        "An empty configuration means the local server",
        arguments: ["", "\n\n", "nameserver", "nameserver x", " nameserver 192.0.2.1", "nameserver192.0.2.1", "\u{0}"])
    func empty(_ text: String) { #expect(ResolverConfiguration(resolvConf: text) == ResolverConfiguration()) }

    @Test("The limits equal those of glibc")
    func limitsAreGlibcs() {
        let configuration = ResolverConfiguration(resolvConf: "options ndots:99 timeout:99 attempts:99\r\n")
        #expect(configuration.ndots == 15 && configuration.timeoutSeconds == 30 && configuration.attempts == 5)
        let least = ResolverConfiguration(resolvConf: "options ndots:-1 timeout:0 attempts:0 ndots:")
        #expect(least.ndots == 0 && least.timeoutSeconds == 1 && least.attempts == 1)
    }

    @Test("The last of domain and search wins")
    func theLastOfDomainAndSearchHolds() {
        #expect(ResolverConfiguration(resolvConf: "search a b\ndomain c d").search == [name("c")])
        #expect(ResolverConfiguration(resolvConf: "domain c\nsearch a b").search == [name("a"), name("b")])
        #expect(ResolverConfiguration(resolvConf: "search a..b ok").search == [name("ok")])
    }

    @Test(
        "A valid server address is read",
        arguments: [
            ("192.0.2.1", "192.0.2.1:53"), ("192.0.2.1:5353", "192.0.2.1:5353"), ("::1", "[::1]:53"),
            ("[::1]:5353", "[::1]:5353"), ("fe80::1%eth0", "[fe80::1%eth0]:53"),
            ("[fe80::1%2]:5353", "[fe80::1%2]:5353"),
        ])
    func server(_ text: String, _ expected: String) { #expect(DNSServerAddress(text)?.description == expected) }

    @Test(
        "An invalid server address is refused",
        arguments: [
            "", "x", ":53", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:+5", "[192.0.2.1]:5", "[::1]",
        ])
    func noServer(_ text: String) { #expect(DNSServerAddress(text) == nil) }

    @Test("Lines of the hosts file are read")
    func hostsFileLines() {
        let hosts = HostsFile(
            text: """
                127.0.0.1 localhost loghost # comment own
                ::1       localhost
                192.0.2.7\tWeb.Test   web2
                192.0.2.8 web.test
                192.0.2.7 web.test
                fe80::7%eth0 link.test
                fe80::7%     bad.test
                nonsense  bad.test
                192.0.2.9
                #192.0.2.9 off.test
                """)
        #expect(hosts.lookup("LOCALHOST.") == [.loopbackV4, .loopbackV6])
        #expect(hosts.lookup("web.test") == [address("192.0.2.7"), address("192.0.2.8")])
        #expect(hosts.lookup("web2") == [address("192.0.2.7")])
        #expect(hosts.lookup("link.test")?.map(\.description) == ["fe80::7%eth0"])
        for absent in ["own", "bad.test", "off.test", "comment", ""] { #expect(hosts.lookup(absent) == nil) }
    }

    @Test("`localhost` resolves without a hosts file")
    func localhostNeedsNoFile() {
        let hosts = HostsFile()
        #expect(hosts.lookup("localhost") == [.loopbackV4, .loopbackV6])
        #expect(hosts.lookup("app.localhost.") == [.loopbackV4, .loopbackV6])
        #expect(hosts.lookup("notlocalhost") == nil)
    }
}
