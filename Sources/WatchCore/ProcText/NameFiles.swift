package import DNSWire

/// `/etc/passwd` (passwd(5)).
package enum UserNames {
    /// Names by number. The first line of a number counts, as in the C library.
    package static func parse(_ bytes: some Collection<UInt8>) -> [UInt32: String] {
        var names: [UInt32: String] = [:]
        for line in ProcBytes(bytes).lines {
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count > 2, !fields[0].isEmpty, let number = fields[2].number(UInt32.self),
                names[number] == nil
            else { continue }
            names[number] = fields[0].text
        }
        return names
    }
}

/// `/etc/hosts` (hosts(5)).
package enum HostsFile {
    /// The first name of each address: the canonical one.
    package static func parse(_ bytes: some Collection<UInt8>) -> [IPAddress: String] {
        var names: [IPAddress: String] = [:]
        for line in ProcBytes(bytes).lines {
            let words = line.prefix { $0 != UInt8(ascii: "#") }.split { $0 == 32 || $0 == 9 || $0 == 13 }
            guard words.count > 1, let address = IPAddress(text: words[0]), names[address] == nil else { continue }
            names[address] = words[1].text
        }
        return names
    }
}
