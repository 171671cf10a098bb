/// The places of fields in the kernel's binary trace, as it describes them itself: they differ between versions.
///
/// The binary form is read rather than the text, because only it has the address of the socket. Without that the
/// process could not be told: when `connect` changes the state to SYN_SENT the socket has no local port yet, and what
/// changes it to ESTABLISHED is the answer of the peer, which arrives in the time of any process.
package struct TraceFormat: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        var offset: Int
        var size: Int
    }

    /// The number of the event `sock:inet_sock_set_state`.
    var id: UInt16
    var thread, socket, oldState, newState, localPort, remotePort, family: Field
    var localV4, remoteV4, localV6, remoteV6: Field
    /// Fields of a page of the ring buffer.
    var commit, data: Field

    /// Reads the files `events/sock/inet_sock_set_state/format` and `events/header_page`; nil if a field is missing.
    package init?(event: some Collection<UInt8>, page: some Collection<UInt8>) {
        let event = ProcBytes(event)
        let id = event.lines.lazy.compactMap { $0.after("ID:") }.first?.words.first?.number(UInt16.self)
        let fields = Self.fields(event)
        let header = Self.fields(ProcBytes(page))
        guard let id, let thread = fields["common_pid"], let socket = fields["skaddr"],
            let oldState = fields["oldstate"], let newState = fields["newstate"], let localPort = fields["sport"],
            let remotePort = fields["dport"], let family = fields["family"], let localV4 = fields["saddr"],
            let remoteV4 = fields["daddr"], let localV6 = fields["saddr_v6"], let remoteV6 = fields["daddr_v6"],
            let commit = header["commit"], let data = header["data"]
        else { return nil }
        self.id = id
        (self.thread, self.socket, self.oldState, self.newState) = (thread, socket, oldState, newState)
        (self.localPort, self.remotePort, self.family) = (localPort, remotePort, family)
        (self.localV4, self.remoteV4, self.localV6, self.remoteV6) = (localV4, remoteV4, localV6, remoteV6)
        (self.commit, self.data) = (commit, data)
    }

    /// Reads lines as `field:__u8 saddr[4];	offset:32;	size:4;	signed:0;`.
    private static func fields(_ bytes: ProcBytes) -> [String: Field] {
        var fields: [String: Field] = [:]
        for line in bytes.lines {
            var name: String?
            var (offset, size): (Int?, Int?)
            for part in line.split(separator: UInt8(ascii: ";")) {
                let text = part.drop { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
                if let type = text.after("field:") { name = type.words.last?.prefix { $0 != UInt8(ascii: "[") }.text }
                if let number = text.after("offset:") { offset = number.number(Int.self) }
                if let number = text.after("size:") { size = number.number(Int.self) }
            }
            // No record is as large, and sums of small numbers cannot overflow.
            guard let name, let offset, let size, offset < 4096, size < 65_536 else { continue }
            fields[name] = Field(offset: offset, size: size)
        }
        return fields
    }
}
