/// The keys that change the agent, its load or its downstreams.
///
/// The letter of a key is also the label of its mark on charts, in recordings and in reports. It is therefore declared
/// here, where both the key table and the texts of notices can use it.
package enum ChangeKey: Unicode.Scalar, CaseIterable, Sendable {
    case keepAliveAll = "K"
    case keepAliveHost = "t"
    case dnsCache = "d"
    case dnsFlush = "D"
    case closeIdle = "x"
    case fault = "f"
    case reset = "R"
}
