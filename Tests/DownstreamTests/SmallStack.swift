import Foundation

/// Runs `body` on a thread whose stack is as small as those that other systems give their threads (512 KiB), and waits for
/// it. What descends once per line of input does not come back from there.
func onSmallStack<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: body()) }
        thread.stackSize = 512 << 10
        thread.start()
    }
}
