import CLinux
import NIOCore
import PoolModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The system calls on sockets that the transport makes itself, out of the way of methods of the same names. Results
/// are the kernel's, with `errno` where they are below zero.
enum Kernel {
    /// A socket that does not block and is not inherited.
    static func streamSocket(_ family: CInt) -> CInt {
        socket(family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    }

    static func connect(_ descriptor: CInt, to address: SocketAddress) -> CInt {
        address.withSockAddr { pointer, count in connectSocket(descriptor, pointer, socklen_t(count)) }
    }

    /// Writing to a connection that is gone is an error like others, and no signal.
    static func send(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
        pt_send(descriptor, bytes.baseAddress, bytes.count)
    }

    /// Two pieces in one packet, if they fit.
    static func send(
        _ descriptor: CInt, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) -> Int {
        pt_send_both(descriptor, first.baseAddress, first.count, second.baseAddress, second.count)
    }

    static func receive(_ descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        pt_receive(descriptor, buffer.baseAddress, buffer.count)
    }

    /// The result of peeking at a socket.
    enum Unread {
        case nothing
        case bytes
        case end
        case failure
    }

    /// Without reading it.
    static func peek(_ descriptor: CInt) -> Unread {
        var byte: UInt8 = 0
        switch recv(descriptor, &byte, 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT)) {
        case 0: return .end
        case 1: return .bytes
        default: return errno == EAGAIN || errno == EINTR ? .nothing : .failure
        }
    }

    /// The round-trip time of a TCP connection that was just established, as measured by its handshake.
    static func roundTrip(_ descriptor: CInt) -> Nanoseconds { Nanoseconds(pt_round_trip(descriptor)) * 1000 }

    /// Bytes sent on a TCP connection that the peer has not acknowledged.
    static func unacknowledged(_ descriptor: CInt) -> Int { Int(pt_unacknowledged(descriptor)) }

    /// The peer has sent its FIN, perhaps behind bytes that were not read.
    static func isHalfClosed(_ descriptor: CInt) -> Bool {
        // The first byte of tcp_info is the state; 8 is CLOSE_WAIT (linux/tcp_states.h).
        var state: UInt8 = 0
        var size = socklen_t(1)
        return getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &state, &size) == 0 && state == 8
    }

    static func sendWithoutDelay(_ descriptor: CInt) { set(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, 1) }

    /// TCP keep-alive probes (tcp(7)): after this much silence, then every half of it, three in all.
    static func probe(_ descriptor: CInt, afterSilence silence: Duration) {
        let seconds = max(1, CInt(clamping: silence.components.seconds))
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(descriptor, CInt(IPPROTO_TCP), TCP_KEEPIDLE, seconds)
        set(descriptor, CInt(IPPROTO_TCP), TCP_KEEPINTVL, max(1, seconds / 2))
        set(descriptor, CInt(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    /// A kernel that refuses goes without.
    private static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt, _ value: CInt) {
        withUnsafePointer(to: value) {
            _ = setsockopt(descriptor, level, option, $0, socklen_t(MemoryLayout<CInt>.size))
        }
    }

    /// Nanoseconds since boot including suspensions, which CLOCK_MONOTONIC excludes.
    static var nanosecondsSinceBoot: Int64 {
        var time = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// To an eventfd.
    static func addOne(_ descriptor: CInt) -> Bool {
        var one: UInt64 = 1
        return write(descriptor, &one, 8) == 8
    }

    /// Why a socket is in trouble, as an `errno`; 0: it is not. Asking takes the reason away.
    static func takeError(_ descriptor: CInt) -> CInt {
        var error: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno
    }

    static func close(_ descriptor: CInt) { _ = closeDescriptor(descriptor) }
}

private func connectSocket(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ count: socklen_t) -> CInt {
    connect(descriptor, address, count)
}

private func closeDescriptor(_ descriptor: CInt) -> CInt { close(descriptor) }
