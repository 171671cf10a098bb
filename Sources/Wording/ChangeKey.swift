/// The keys that change the agent, its load or its downstreams.
///
/// The letter of a key is also the label of the mark that it leaves on charts, in recordings and in reports. So it is
/// declared here, where both the key table and the words of notices read it.
package enum ChangeKey: Unicode.Scalar, CaseIterable, Sendable {
    case keepAliveAll = "K"
    case keepAliveHost = "t"
    case dnsCache = "d"
    case dnsFlush = "D"
    case closeIdle = "x"
    case fault = "f"
    case reset = "R"
}
