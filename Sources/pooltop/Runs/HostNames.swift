import DNSWire
import FoundationEssentials
import WatchCore

/// The names that the hosts file has for addresses of other machines.
enum HostNames {
    /// Many more are a list of names to block, which says nothing about addresses.
    private static let most = 10_000

    static func read(_ path: String = "/etc/hosts") -> [Endpoint: String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [:] }
        let names = HostsFile.parse(data).filter { !$0.key.isLoopback && !$0.key.isUnspecified }
        guard names.count <= most else { return [:] }
        return Dictionary(uniqueKeysWithValues: names.map { (Endpoint(address: $0.key, port: 0), $0.value) })
    }
}
