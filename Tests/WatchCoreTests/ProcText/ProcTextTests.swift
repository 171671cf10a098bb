import DNSWire
import TestSupport
import Testing

@testable import WatchCore

@Suite struct ProcTextTests {
    private let stat = Array(
        """
        735 (a (b) c) S 673 673 19156 0 -1 4194304 100 0 0 0 12 30 0 0 20 0 1 0 5664799 3133440 394 18446744073709551615 \
        94072198385664 94072198405545 140728310809088 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0

        """.utf8)

    @Test("The name of a process may contain spaces and parentheses")
    func processStat() throws {
        let stat = try #require(ProcessStat(stat))
        #expect(stat.pid == 735 && stat.name == "a (b) c" && stat.parent == 673)
        #expect(stat.cpuTicks == 42 && stat.startTicks == 5_664_799)
        #expect(!stat.isKernelThread && !stat.isZombie)
        #expect(ProcessStat(self.stat.dropLast(140)) == nil && ProcessStat(Array(")(".utf8)) == nil)
        let thread = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 7 0 0 20 0 1 0 4 0 0"
        #expect(ProcessStat(thread.utf8)?.isKernelThread == true)
    }

    @Test("The status tells the effective user and the process of a thread")
    func processStatus() {
        let text = "Name:\tnode\nTgid:\t4711\nPid:\t4712\nUid:\t0\t65534\t0\t0\nGid:\t0\t0\t0\t0\n"
        #expect(ProcessStatus(text.utf8).map { [$0.process, Int($0.user)] } == [4711, 65534])
        #expect(ProcessStatus("Name:\tnode\nUid:\t1\n".utf8) == nil)
    }

    @Test("A command line has spaces between its arguments and no padding")
    func commandLine() {
        #expect(CommandLineText.text("node\0server.js\0--port\08080\0\0\0".utf8) == "node server.js --port 8080")
        #expect(CommandLineText.text("nginx: worker process  \0\0".utf8) == "nginx: worker process")
        #expect(CommandLineText.text([]) == nil && CommandLineText.text([0, 0]) == nil)
        #expect(CommandLineText.text([UInt8](repeating: 65, count: 9000))?.count == CommandLineText.limit)
    }

    @Test("Opened connections are ActiveOpens less those that were refused, found by the names of their columns")
    func activeOpens() {
        let text = """
            Ip: Forwarding DefaultTTL
            Ip: 1 64
            Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails
            Tcp: 1 200 120000 -1 16920324 16874536 24
            Udp: InDatagrams
            Udp: 3
            """
        #expect(NetworkCounters.activeOpens(snmp: text.utf8) == 16_920_300)
        #expect(NetworkCounters.activeOpens(snmp: "Tcp: RtoMin\nTcp: 1\n".utf8) == nil)
        #expect(NetworkCounters.activeOpens(snmp: "Tcp: ActiveOpens AttemptFails\nTcp: x 1\n".utf8) == nil)
        #expect(NetworkCounters.activeOpens(snmp: "Tcp: ActiveOpens AttemptFails\nTcp: 1\n".utf8) == nil)
    }

    @Test("The sockets in TIME_WAIT are counted by sockstat")
    func timeWaits() {
        let text = "sockets: used 19\nTCP: inuse 4 orphan 0 tw 2865 alloc 4 mem 0\nUDP: inuse 0 mem 135\n"
        #expect(NetworkCounters.timeWaits(sockstat: text.utf8) == 2865)
        #expect(NetworkCounters.timeWaits(sockstat: "TCP: inuse 4 tw\n".utf8) == nil)
    }

    @Test("The tables of sockets are read for both families, and their headings skipped")
    func socketTables() {
        let four = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:8F5B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     7        0 150612922 1 0 100 0
               1: 0100007F:B346 0200007F:0050 06 00000000:00000000 03:00001753 00000000     0        0 0 3 00000000eb88427a
            """
        let sockets = SocketTable.sockets(four.utf8)
        #expect(sockets.map(\.state) == [.listen, .timeWait])
        #expect(sockets[0].user == 7 && sockets[0].inode == 150_612_922 && sockets[0].pair.local.port == 0x8f5b)
        #expect(sockets[1].pair.remote == Endpoint(address: IPAddress(ipv4: 0x7f00_0002), port: 80))
        let six = """
               0: B80D0120000000000000000001000000:ECF4 0000000000000000FFFF00000100007F:82EF 01 00000000:00000000 \
            03:00001753 00000000     0        0 5 3 00000000eb88427a
            """
        let pair = SocketTable.sockets(six.utf8).first?.pair
        #expect(pair?.local.address == IPAddress(high: 0x2001_0db8 << 32, low: 1))
        #expect(pair?.remote.address == IPAddress(ipv4: 0x7f00_0001))
    }

    @Test(
        "A link to a socket has its inode, and other links have none",
        arguments: [
            ("socket:[150612922]", 150_612_922 as UInt64?), ("socket:[0]", 0), ("socket:[]", nil),
            ("pipe:[12345]", nil),
            ("socket:[12a]", nil), ("socket:[12", nil), ("/dev/null", nil), ("", nil),
            ("socket:[99999999999999999999999]", nil),
        ])
    func socketLinks(text: String, inode: UInt64?) {
        #expect(SocketLink.inode(Array(text.utf8).span.bytes) == inode)
    }

    @Test("Users and hosts have the first name that their files give")
    func names() {
        let users = UserNames.parse(
            "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/:\nbad:x:q:\n+\nnode:x:1000:1000::/:".utf8)
        #expect(users == [0: "root", 1000: "node"])
        let hosts = HostsFile.parse(
            "127.0.0.1\tlocalhost loop # home\n#10.0.0.1 no\n::1 ip6\nfe80::1%eth0 zone\n10.1.2.3\n".utf8)
        #expect(hosts == [IPAddress(ipv4: 0x7f00_0001): "localhost", IPAddress(high: 0, low: 1): "ip6"])
    }

    @Test(
        "Addresses are read in every form of RFC 4291, and nothing else is",
        arguments: [
            ("127.0.0.1", IPAddress(ipv4: 0x7f00_0001) as IPAddress?), ("::", IPAddress(high: 0, low: 0)),
            ("::ffff:10.0.0.1", IPAddress(ipv4: 0x0a00_0001)),
            ("2001:db8::8:1", IPAddress(high: 0x2001_0db8 << 32, low: 0x8_0001)),
            ("1:2:3:4:5:6:7:8", IPAddress(high: 0x0001_0002_0003_0004, low: 0x0005_0006_0007_0008)),
            ("1::", IPAddress(high: 1 << 48, low: 0)), ("1:2:3:4:5:6:7", nil), ("1::2::3", nil), (":1::", nil),
            ("1:2:3:4:5:6:7::8", nil), ("12345::", nil), ("1.2.3", nil), ("1.2.3.256", nil), ("a.b.c.d", nil),
            ("", nil),
            ("1.2.3.4::", nil), (":", nil),
        ])
    func addresses(text: String, address: IPAddress?) {
        #expect(IPAddress(text: text.utf8) == address)
    }

    @Test("Texts of any content never trap")
    func mutations() {
        let kept = [
            stat, Array("Tcp: ActiveOpens AttemptFails\nTcp: 5 1\nTCP: inuse 4 tw 7\nTgid:\t4\nUid:\t1\t2\n".utf8),
            Array(" 1: 0100007F:B346 0200007F:0050 06 00000000:00000000 03:00001753 00000000 0 0 0 3 00\n".utf8),
            Array("root:x:0:0\n::1 ip6\nfe80::1 a\n1.2.3.4 b\nsocket:[7]".utf8),
        ]
        for seed in 1...10 as ClosedRange<UInt64> {
            for text in Mutations(of: kept, seed: seed) {
                _ = (ProcessStat(text), ProcessStatus(text), CommandLineText.text(text), UserNames.parse(text))
                _ = (NetworkCounters.activeOpens(snmp: text), NetworkCounters.timeWaits(sockstat: text))
                _ = (SocketTable.sockets(text), HostsFile.parse(text), SocketLink.inode(text.span.bytes))
            }
        }
    }
}
