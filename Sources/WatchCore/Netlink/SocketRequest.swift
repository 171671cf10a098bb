import DNSWire

/// The requests that are sent on a socket of NETLINK_SOCK_DIAG, as bytes.
package enum SocketRequest {
    package enum Family: Sendable, CaseIterable { case v4, v6 }

    /// The states of sockets that a dump is about.
    package enum States: Sendable {
        /// All but TIME_WAIT.
        case living
        case timeWait

        fileprivate var mask: UInt32 {
            let timeWait = UInt32(1) << UInt32(TCPState.timeWait.rawValue)
            switch self {
            case .living: return 0x1ffe & ~timeWait
            case .timeWait: return timeWait
            }
        }
    }

    /// All sockets of TCP, of both families at once. A dump costs the kernel a walk through the whole table of connections,
    /// which has room for hundreds of thousands, however few there are; the request by family would need two walks.
    package static func dumpOfTCP(_ states: States, remotePort: UInt16? = nil) -> [UInt8] {
        var filter = RequestBytes()
        if let remotePort { filter.append(filterFor: remotePort) }
        var bytes = RequestBytes()
        bytes.appendTCPHeader(hasFigures: states == .living, followedBy: filter.bytes.count)
        bytes.append(.any, isV6: true)
        bytes.appendStates(states.mask)
        return bytes.bytes + filter.bytes
    }

    /// All sockets of a family. `remotePort` lets the kernel send only those to that port.
    package static func dump(
        _ family: Family, transport: Transport = .tcp, states: States, remotePort: UInt16? = nil
    ) -> [UInt8] {
        var filter = RequestBytes()
        if let remotePort { filter.append(filterFor: remotePort) }
        var bytes = RequestBytes()
        bytes.appendHeader(
            flags: NetlinkLayout.request | NetlinkLayout.dump, family: family, transport: transport,
            hasFigures: states == .living, states: states.mask, followedBy: filter.bytes.count)
        bytes.append(.any, isV6: true)
        return bytes.bytes + filter.bytes
    }

    /// One socket by both of its ends, as `local` sees them. The kernel answers with it, with the listener of the local end,
    /// or with ENOENT.
    package static func exact(_ pair: SocketPair) -> [UInt8] {
        let isV6 = pair.local.address.ipv4 == nil || pair.remote.address.ipv4 == nil
        var bytes = RequestBytes()
        bytes.appendHeader(
            flags: NetlinkLayout.request, family: isV6 ? .v6 : .v4, transport: .tcp, hasFigures: false,
            states: 0x1ffe, followedBy: 0)
        bytes.append(pair, isV6: isV6)
        return bytes.bytes
    }

    /// One socket of the unix family by its inode. The kernel answers with it, or with ENOENT.
    package static func unix(inode: UInt32) -> [UInt8] {
        var bytes = RequestBytes()
        bytes.appendUnixRequest(inode: inode)
        return bytes.bytes
    }
}

extension SocketPair {
    /// Names no socket, so that all are meant.
    fileprivate static let any = SocketPair(
        local: Endpoint(address: IPAddress(high: 0, low: 0), port: 0),
        remote: Endpoint(address: IPAddress(high: 0, low: 0), port: 0))
}

/// A message that is being written.
private struct RequestBytes {
    private(set) var bytes: [UInt8] = []

    /// In the byte order of this machine.
    private mutating func append(_ value: UInt16) { append(bigEndian: value.bigEndian) }
    private mutating func append(_ value: UInt32) { append(bigEndian: value.bigEndian) }

    private mutating func append(bigEndian value: some FixedWidthInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// `struct nlmsghdr` and the first fields of `struct inet_diag_req_v2`.
    mutating func appendHeader(
        flags: UInt16, family: SocketRequest.Family, transport: Transport, hasFigures: Bool, states: UInt32,
        followedBy rest: Int
    ) {
        append(UInt32(NetlinkLayout.requestLength + rest))
        append(NetlinkLayout.socketByFamily)
        append(flags)
        append(UInt32(0))
        append(UInt32(0))
        bytes.append(family == .v4 ? NetlinkLayout.familyV4 : NetlinkLayout.familyV6)
        bytes.append(transport == .tcp ? 6 : 17)
        bytes.append(hasFigures ? 1 << UInt8(NetlinkLayout.tcpInfo - 1) : 0)
        bytes.append(0)
        append(states)
    }

    /// `struct nlmsghdr` and `struct unix_diag_req` for any state and any cookie.
    mutating func appendUnixRequest(inode: UInt32) {
        append(UInt32(NetlinkLayout.unixRequestLength))
        append(NetlinkLayout.socketByFamily)
        append(NetlinkLayout.request)
        append(UInt32(0))
        append(UInt32(0))
        bytes += [NetlinkLayout.familyUnix, 0, 0, 0]
        append(UInt32.max)
        append(inode)
        append(UInt32(0))
        append(UInt32.max)
        append(UInt32.max)
    }

    /// `struct nlmsghdr` and the first fields of `struct inet_diag_req`, in which no family means all.
    mutating func appendTCPHeader(hasFigures: Bool, followedBy rest: Int) {
        append(UInt32(NetlinkLayout.tcpRequestLength + rest))
        append(NetlinkLayout.tcpSockets)
        append(NetlinkLayout.request | NetlinkLayout.dump)
        append(UInt32(0))
        append(UInt32(0))
        bytes += [0, 0, 0, hasFigures ? 1 << UInt8(NetlinkLayout.tcpInfo - 1) : 0]
    }

    /// The last fields of `struct inet_diag_req`.
    mutating func appendStates(_ states: UInt32) {
        append(states)
        append(UInt32(0))
    }

    /// `struct inet_diag_sockid` for any interface and any cookie.
    mutating func append(_ pair: SocketPair, isV6: Bool) {
        append(bigEndian: pair.local.port)
        append(bigEndian: pair.remote.port)
        append(pair.local.address, isV6: isV6)
        append(pair.remote.address, isV6: isV6)
        append(UInt32(0))
        append(UInt32.max)
        append(UInt32.max)
    }

    private mutating func append(_ address: IPAddress, isV6: Bool) {
        guard !isV6, let ipv4 = address.ipv4 else {
            append(bigEndian: address.high)
            append(bigEndian: address.low)
            return
        }
        append(bigEndian: ipv4)
        append(bigEndian: UInt64(0))
        append(bigEndian: UInt32(0))
    }

    /// An attribute with a program for the kernel: the remote port is at least `port`, and at most `port`. Each test is two
    /// words of (code, offset if true, offset if false), the second of which carries the port. An offset of four beyond
    /// the end refuses the socket.
    mutating func append(filterFor port: UInt16) {
        let (isAtLeast, isAtMost): (UInt8, UInt8) = (4, 5)
        append(UInt16(NetlinkLayout.attributeHeaderLength + 16))
        append(UInt16(1))
        for (code, refusal) in [(isAtLeast, UInt16(20)), (isAtMost, 12)] {
            bytes += [code, 8]
            append(refusal)
            bytes += [0, 0]
            append(port)
        }
    }
}
