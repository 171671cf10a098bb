/// The reason why an agent cannot be seen or changed, in one line that says what to do.
package struct AttachError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    /// True: the agent was asked and will not, which is no reason to leave it.
    package var isRefusal: Bool

    package init(_ description: String, isRefusal: Bool = false) {
        self.description = description
        self.isRefusal = isRefusal
    }
}
