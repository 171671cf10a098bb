import CLinux
import Glibc
package import PoolModel
import Synchronization
package import WatchCore

/// Watches the processes of a network namespace from a thread of its own, which sleeps until the kernel has something to
/// tell, until the machine wants to ask it, or until somebody wants a snapshot. Nothing is sent to anyone.
package final class WatchSession: Sendable {
    /// Wishes of other threads, which the loop fulfils.
    struct Wishes {
        var snapshots: [(socketsFor: Set<Int>, waiter: CheckedContinuation<AgentSnapshot, any Error>)] = []
        var scope: WatchScope?
        var names: [Endpoint: String] = [:]
        /// Addresses that left the answers for their names.
        var left: [Endpoint] = []
        var showsNames: Bool?
        var isStopping = false
    }

    private struct State {
        var wishes = Wishes()
        /// Why no more snapshots are made; nil: the loop runs.
        var end: WatchError?
        var endWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// An eventfd that is readable while there are wishes.
    let bell: CInt

    private init() throws(WatchError) {
        bell = pt_eventfd_open()
        guard bell >= 0 else { throw WatchError("no descriptor is left: \(SystemCall.reason(errno))") }
    }

    deinit { close(bell) }

    /// Begins to watch.
    ///
    /// - Parameters:
    ///   - settings: what the machine is to count.
    ///   - names: names of addresses, as they are known already.
    ///   - useTrace: read the kernel's trace events where they can be read, which is as root.
    ///   - namespaceOf: a process whose network namespace is watched; nil: our own.
    /// - Returns: a session that runs until `shutdown`.
    /// - Throws: why processes cannot be watched here.
    package static func make(
        _ settings: WatchSettings, names: [Endpoint: String] = [:], useTrace: Bool = true, namespaceOf: Int? = nil
    ) throws(WatchError) -> WatchSession {
        let session = try WatchSession()
        let loop = try WatchLoop(settings, session: session, useTrace: useTrace, namespaceOf: namespaceOf)
        if !names.isEmpty { session.learn(names: names) }
        try OwnThread.start(named: "pooltop-watch") { loop.run() }
        return session
    }

    /// All processes that run, but threads of the kernel.
    package static func processes() throws(WatchError) -> [ProcessFacts] { try ProcFiles().processes() }

    // MARK: Any thread

    /// Makes a snapshot, after all that the kernel told until now was read.
    ///
    /// - Parameter socketsFor: the hosts whose sockets it lists.
    /// - Returns: the figures of this moment.
    /// - Throws: `WatchError` if watching came to an end.
    package func snapshot(socketsFor: Set<Int> = []) async throws -> AgentSnapshot {
        try await withCheckedThrowingContinuation { waiter in
            let end = state.withLock { state in
                if state.end == nil { state.wishes.snapshots.append((socketsFor, waiter)) }
                return state.end
            }
            if let end { waiter.resume(throwing: end) } else { ring() }
        }
    }

    /// Turns to other processes. Nothing that was counted is lost.
    package func choose(_ scope: WatchScope) {
        state.withLock { $0.wishes.scope = scope }
        ring()
    }

    /// Adds names of addresses.
    package func learn(names: [Endpoint: String]) {
        state.withLock { $0.wishes.names.merge(names) { _, newest in newest } }
        ring()
    }

    /// Tells of addresses that left the DNS answers for their names.
    package func forget(addresses: [Endpoint]) {
        state.withLock { $0.wishes.left += addresses }
        ring()
    }

    /// Shows hosts by their names, or each address as one of its own.
    package func show(names: Bool) {
        state.withLock { $0.wishes.showsNames = names }
        ring()
    }

    /// Ends the thread, and waits until whatever it changed in the kernel is undone.
    package func shutdown() async {
        await withCheckedContinuation { waiter in
            let hasEnded = state.withLock { state in
                if state.end == nil { state.endWaiters.append(waiter) }
                state.wishes.isStopping = true
                return state.end != nil
            }
            if hasEnded { waiter.resume() } else { ring() }
        }
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(bell, &one, 8)  // a bell that cannot be rung any more is ringing
    }

    // MARK: The loop's thread

    /// Silences the bell, and takes what is wanted.
    func takeWishes() -> Wishes {
        var count: UInt64 = 0
        _ = read(bell, &count, 8)
        return state.withLock { state in
            defer { state.wishes = Wishes() }
            return state.wishes
        }
    }

    /// The loop has ended.
    func end(_ reason: WatchError?) {
        let end = reason ?? WatchError("watching has ended")
        let last = state.withLock { state in
            state.end = end
            defer { (state.wishes, state.endWaiters) = (Wishes(), []) }
            return state
        }
        for snapshot in last.wishes.snapshots { snapshot.waiter.resume(throwing: end) }
        for waiter in last.endWaiters { waiter.resume() }
    }
}

/// A thread of the C library, because Foundation's would bring all of Foundation along.
enum OwnThread {
    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    /// Starts it, and lets it go its own way.
    static func start(named name: String, _ run: @escaping () -> Void) throws(WatchError) {
        pthread_detach(
            try create {
                pt_name_thread(name)
                run()
            })
    }

    /// Runs `body` on a thread that ends afterwards, and with it what it changed of its own state.
    static func once(_ run: @escaping () -> Void) throws(WatchError) { pthread_join(try create(run), nil) }

    private static func create(_ run: @escaping () -> Void) throws(WatchError) -> pthread_t {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw WatchError("no thread can be started: \(SystemCall.reason(code))")
        }
        return thread
    }
}
