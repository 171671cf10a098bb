/// One message that the kernel sent on a socket of NETLINK_SOCK_DIAG (sock_diag(7)).
package enum NetlinkMessage: Sendable, Equatable {
    /// One socket of a dump, the answer to an exact question, or a socket that was destroyed.
    case socket(SocketRecord)
    /// A socket of the unix family, which has no figures here.
    case unixSocket
    /// The end of a dump. False: the table changed meanwhile, so that a socket may be missing.
    case done(isConsistent: Bool)
    /// The error as a positive number, 0 for an acknowledgement.
    case error(Int32)
    /// The kernel dropped messages.
    case overrun
}

/// The layout of the messages (`linux/netlink.h`, `linux/sock_diag.h`, `linux/inet_diag.h`).
enum NetlinkLayout {
    static let headerLength = 16
    /// The size of `struct inet_diag_msg`.
    static let socketLength = 72
    /// The size of `struct nlmsghdr` with `struct inet_diag_req_v2`.
    static let requestLength = 72
    /// The size of `struct nlmsghdr` with `struct unix_diag_req`.
    static let unixRequestLength = 40
    static let attributeHeaderLength = 4

    static let error: UInt16 = 2
    static let done: UInt16 = 3
    static let overrun: UInt16 = 4
    static let socketByFamily: UInt16 = 20
    /// The older request for sockets of TCP, `TCPDIAG_GETSOCK`, and its answers.
    static let tcpSockets: UInt16 = 18
    /// The size of `struct nlmsghdr` with `struct inet_diag_req`.
    static let tcpRequestLength = 76

    static let request: UInt16 = 0x1
    static let dump: UInt16 = 0x300
    static let dumpWasInterrupted: UInt16 = 0x10

    static let tcpInfo: UInt16 = 2
    static let transportProtocol: UInt16 = 10

    static let familyUnix: UInt8 = 1
    static let familyV4: UInt8 = 2
    static let familyV6: UInt8 = 10

    /// Messages and attributes begin at multiples of four bytes.
    static func aligned(_ length: Int) -> Int { (length + 3) & ~3 }
}
