/// Counters of a network namespace in `/proc/net`.
package enum NetworkCounters {
    /// Connections that were opened since the namespace began: `ActiveOpens` of `Tcp:` in `snmp` less `AttemptFails`, because
    /// a connect that is refused leaves no socket that could be seen. Two lines belong to each protocol: names, then values.
    package static func activeOpens(snmp bytes: some Collection<UInt8>) -> Int? {
        let lines = ProcBytes(bytes).lines.compactMap { $0.after("Tcp:") }
        guard lines.count >= 2 else { return nil }
        let values = lines[1].words
        func value(_ name: String) -> Int? {
            guard let column = lines[0].words.firstIndex(where: { $0.elementsEqual(name.utf8) }), column < values.count
            else { return nil }
            return values[column].number(Int.self)
        }
        guard let opens = value("ActiveOpens"), let failures = value("AttemptFails") else { return nil }
        return opens - failures
    }

    /// Sockets in TIME_WAIT, of both families: `TCP: … tw` of `sockstat`.
    package static func timeWaits(sockstat bytes: some Collection<UInt8>) -> Int? {
        for line in ProcBytes(bytes).lines {
            guard let words = line.after("TCP:")?.words,
                let name = words.firstIndex(where: { $0.elementsEqual("tw".utf8) })
            else { continue }
            return words.indices.contains(name + 1) ? words[name + 1].number(Int.self) : nil
        }
        return nil
    }
}
