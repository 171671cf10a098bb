/// The state of a TCP socket in the kernel (`include/net/tcp_states.h`).
package enum TCPState: UInt8, Sendable {
    case established = 1
    case synSent, synReceived, finWait1, finWait2, timeWait, closed, closeWait, lastAck, listen, closing, newSynReceived

    /// True where the connection can carry data in either direction.
    package var isOpen: Bool { self == .established || self == .closeWait }
}

/// The transport of a socket.
package enum Transport: Sendable, Hashable { case tcp, udp }

/// One socket as the kernel describes it, in a dump or when it was destroyed.
package struct SocketRecord: Sendable, Equatable {
    package var transport: Transport
    /// Unique for the life of the machine.
    package var cookie: UInt64
    package var state: TCPState
    package var pair: SocketPair
    /// The owner's user; 0 for a destroyed socket, which has no owner any more.
    package var user: UInt32
    /// The number that `/proc/PID/fd` shows; 0 for a destroyed socket.
    package var inode: UInt64
    /// nil: the kernel gave no figures, as of TIME_WAIT, UDP or a very old kernel.
    package var tcp: TCPFigures?

    package init(
        transport: Transport = .tcp, cookie: UInt64, state: TCPState, pair: SocketPair, user: UInt32 = 0,
        inode: UInt64 = 0, tcp: TCPFigures? = nil
    ) {
        self.transport = transport
        self.cookie = cookie
        self.state = state
        self.pair = pair
        self.user = user
        self.inode = inode
        self.tcp = tcp
    }
}

/// The part of the kernel's `tcp_info` that is of use here (`include/uapi/linux/tcp.h`). Counts are since the connection
/// began.
package struct TCPFigures: Sendable, Equatable {
    package var roundTripMicroseconds: UInt32 = 0
    package var unacknowledged: UInt32 = 0
    /// Segments that were sent again.
    package var retransmits: UInt32 = 0
    /// Milliseconds since the last data was sent and was received.
    package var lastSentMilliseconds: UInt32 = 0
    package var lastReceivedMilliseconds: UInt32 = 0
    /// Segments in all, and those that carried data.
    package var segmentsSent: UInt32 = 0
    package var segmentsReceived: UInt32 = 0
    package var dataSegmentsSent: UInt32 = 0
    package var dataSegmentsReceived: UInt32 = 0
    package var bytesAcknowledged: UInt64 = 0
    package var bytesReceived: UInt64 = 0
    /// Bytes of data sent, each once; nil: the kernel does not tell, as before Linux 4.19.
    package var bytesSent: UInt64?

    package init() {}
}
