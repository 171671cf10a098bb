/// Everything that is wrong with one config file, so that a person who corrects it has all of it at once.
///
/// A reader notes a fault and goes on with the next key. A check that rests on a key with a fault is left out: its outcome
/// would only follow from that.
package struct ConfigFaults: Sendable {
    /// As many as a person reads at once.
    static let mostTold = 20
    /// A file that has more is not read further.
    static let mostCounted = 1000

    private var told: [CommandLineError] = []
    private(set) var count = 0
    /// The keys that have a fault, without places in lists; the empty one is the whole file.
    private var keys: Set<String> = []

    package init() {}

    var isFull: Bool { count == Self.mostCounted }

    /// The key is the one that has the fault, such as `load.rate`.
    mutating func note(_ fault: CommandLineError, at key: String) {
        keys.insert(key)
        guard !isFull, !told.contains(fault) else { return }
        count += 1
        if told.count < Self.mostTold { told.append(fault) }
    }

    /// Does one step, unless something that it rests on has a fault, and notes what is wrong.
    package mutating func attempt(
        _ key: String, restingOn others: [String] = [], _ step: () throws(CommandLineError) -> Void
    ) {
        guard !others.contains(where: has) else { return }
        do { try step() } catch { note(error, at: key) }
    }

    /// The key has a fault, or one of its keys has, or one that it belongs to.
    private func has(_ key: String) -> Bool {
        keys.contains { $0.isEmpty || $0 == key || $0.hasPrefix(key + ".") || key.hasPrefix($0 + ".") }
    }

    /// - Throws: all faults as one error. The command line has one at a time, and the first tells whose turn it is.
    func throwIfAny() throws(CommandLineError) {
        guard var first = told.first else { return }
        guard first.status == .config else { throw first }
        let others = told.dropFirst().filter { $0.status == .config }
        first.others = others.map(\.message)
        let more = count - told.count
        if more > 0 { first.others.append("and \(isFull ? "more than " : "")\(more) more") }
        throw first
    }
}
