/// The reason why processes cannot be watched here, in one line that says what to do.
package struct WatchError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
