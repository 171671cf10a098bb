/// The numbers on which both sides of `pooltop.attach/1` have to agree. The whole of it is in the article "Attaching to a process".
package enum AttachProtocol {
    /// The version that this program speaks.
    package static let name = "pooltop.attach/1"
    /// A longer line of an agent ends the connection, whatever it says.
    package static let longestAgentLine = 4 << 20
    /// The same of a viewer, whose lines are short.
    package static let longestViewerLine = 64 << 10
    /// Events in a snapshot, so that a viewer that asks seldom knows what it missed.
    package static let events = 64
}
