/// The condition that a test waited for in vain.
package struct NeverCameTrue: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// Asks until the answer is true; for what follows an event on another thread or the passing of a limit.
package func eventually(
    _ what: @autoclosure () -> String, within seconds: Double = 60, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    throw NeverCameTrue(description: "never came true: \(what())")
}
