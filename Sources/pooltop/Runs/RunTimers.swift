/// The timers of runs without a screen. Both count on the clock of the load, which stands still while the machine is
/// suspended.
enum RunTimers {
    @discardableResult
    static func after(_ delay: Duration, _ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task {
            do { try await Task.sleep(for: delay, clock: .suspending) } catch { return }
            await operation()
        }
    }

    /// Until the task is cancelled.
    static func repeating(_ interval: Duration, _ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never>
    {
        Task {
            var next = SuspendingClock.now + interval
            while true {
                do { try await Task.sleep(until: next, clock: .suspending) } catch { return }
                await operation()
                // If the program was stopped, one observation replaces all those that were missed.
                repeat { next += interval } while next < .now
            }
        }
    }
}
