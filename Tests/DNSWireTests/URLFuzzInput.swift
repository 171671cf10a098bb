import DNSWire

/// One input of a fuzzer: the text of a URL or of an authority.
struct URLFuzzInput {
    private let text: String

    init(_ input: some Collection<UInt8>) { text = String(decoding: input, as: UTF8.self) }

    /// The error found in the readers; nil if there is none. Reads out of bounds trap by themselves.
    func complaint() -> String? {
        if let authority = try? Authority(text) {
            if let complaint = Self.complaint(of: authority) { return "\(complaint): \(text.debugDescription)" }
            if authority.isHostField, authority.hostField != text { return "sent otherwise: \(text.debugDescription)" }
        }
        guard let url = try? HTTPURL(text) else { return nil }
        if let complaint = Self.complaint(of: url.authority) { return "\(complaint): \(text.debugDescription)" }
        guard url.target.hasPrefix("/"), url.target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x23 }) else {
            return "a path that may not be sent: \(text.debugDescription)"
        }
        let written =
            (url.isTLS ? "https://" : "http://") + Authority.text(host: url.authority.host, port: url.port) + url.target
        guard let again = try? HTTPURL(written) else { return "unreadable once written: \(written)" }
        let isSame =
            again.isTLS == url.isTLS && again.port == url.port && again.target == url.target
            && again.authority.host == url.authority.host && again.authority.address == url.authority.address
        return isSame ? nil : "read otherwise once written: \(written)"
    }

    private static func complaint(of authority: Authority) -> String? {
        let allowed = authority.host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
        }
        if authority.address == nil, !allowed { return "a host with other characters" }
        if let address = authority.address, "\(address)" != authority.host { return "an address in another form" }
        if authority.address == nil, IPAddress(authority.host) != nil { return "an address taken for a name" }
        guard authority.port.map({ (1...65_535).contains($0) }) ?? true else { return "a port out of range" }
        guard let sent = try? Authority(authority.hostField), sent.port == authority.port, sent.isHostField else {
            return "a Host field that is no authority"
        }
        return nil
    }
}
