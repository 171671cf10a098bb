import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The kernel's calls that a peer makes, none of which blocks.
enum PeerSocket {
    /// nil: nobody is there.
    static func accept(_ listener: CInt) -> CInt? {
        let descriptor = acceptConnection(listener)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var isOn: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<CInt>.size))
        return descriptor
    }

    enum Received {
        case bytes([UInt8])
        case nothing
        case end
    }

    static func receive(_ descriptor: CInt, upTo count: Int) -> Received {
        var buffer = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &buffer, count, 0)
        if received > 0 { return .bytes(Array(buffer[..<received])) }
        return received < 0 && errno == EAGAIN ? .nothing : .end
    }

    /// How many bytes the kernel took; below zero: the connection is gone.
    static func send(_ descriptor: CInt, _ bytes: ArraySlice<UInt8>) -> Int {
        let sent = bytes.withUnsafeBytes { sendBytes(descriptor, $0) }
        return sent < 0 && errno == EAGAIN ? 0 : sent
    }

    static func finish(_ descriptor: CInt) { close(descriptor) }

    static func reset(_ descriptor: CInt) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    /// The descriptors that this process has open.
    static func openDescriptors() -> Int { (0..<4096).count { fcntl(CInt($0), F_GETFD) >= 0 } }
}

private func sendBytes(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
}

private func acceptConnection(_ listener: CInt) -> CInt { accept(listener, nil, nil) }
