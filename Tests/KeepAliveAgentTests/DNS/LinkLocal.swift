import DNSWire
import KeepAliveAgent
import NIOCore
import NIOPosix

/// Addresses of this machine that mean something on one link only.
enum LinkLocal {
    /// One with its zone; nil where no interface has any.
    static let address: IPAddress? = {
        let devices: [NIONetworkDevice]
        do { devices = try System.enumerateDevices() } catch { return nil }
        for device in devices {
            guard let address = device.address?.ip?.withoutZone, let zone = AddressZone(device.name.utf8),
                address.family == .v6, !address.isLoopback, let scoped = address.inZone(zone), canBind(scoped)
            else { continue }
            return scoped
        }
        return nil
    }()

    /// An address that is not settled yet, or whose interface is down, cannot be.
    private static func canBind(_ address: IPAddress) -> Bool {
        do {
            let listener = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(to: SocketAddress(address, port: 0)).wait()
            try listener.close().wait()
            return true
        } catch {
            return false
        }
    }

    /// The same on no interface.
    static func nowhere(_ address: IPAddress) -> IPAddress? { AddressZone("none".utf8).flatMap(address.inZone) }
}
