/// The condition that a test waited for in vain.
package struct NeverCameTrue: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// Asks until the answer is true; for what follows an event on another thread or the passing of a limit.
///
/// It gives up after the time, and not before it asked a hundred times: on a busy machine a test may be kept waiting for a
/// minute between two questions, and has then seen nothing yet.
package func eventually(
    _ what: @autoclosure () -> String, within seconds: Double = 60, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    var asked = 0
    while ContinuousClock.now < end || asked < 100 {
        if try await condition() { return }
        asked += 1
        try await Task.sleep(for: .milliseconds(2))
    }
    throw NeverCameTrue(description: "never came true: \(what())")
}
