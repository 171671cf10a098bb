/// The processes of threads, which is all that the kernel's trace knows. Used by one thread at a time.
final class ThreadOwners {
    private struct Owner {
        var process: Int
        /// It is in the network namespace that is watched, as far as that may be known.
        var isInside: Bool
    }

    private let proc: ProcFiles
    /// The name of the namespace that is watched.
    private let namespace: String?
    private var known: [Int: Owner] = [:]

    init(_ proc: ProcFiles, namespace: String?) {
        self.proc = proc
        self.namespace = namespace
    }

    /// The kernel gives numbers of threads again, so what is known must not grow old.
    func forget() { known.removeAll(keepingCapacity: true) }

    /// The process of a thread; nil: it is in another network namespace. A thread that has ended is taken for a process.
    func process(of thread: Int) -> Int? {
        let owner = known[thread] ?? look(thread)
        return owner.isInside ? owner.process : nil
    }

    private func look(_ thread: Int) -> Owner {
        let process = proc.process(ofThread: thread) ?? thread
        let theirs = proc.networkNamespace(of: "\(process)")
        let owner = Owner(process: process, isInside: theirs == nil || namespace == nil || theirs == namespace)
        known[thread] = owner
        return owner
    }
}
