import PlainDocuments

/// One value of a config file, with its place.
struct ConfigNode {
    var node: YAMLNode
    var file: String
    /// `targets[0].url`; empty at the top.
    var path: String
    /// Where the value's key stands.
    var line: Int
    /// The faults of the file so far.
    let notes: Notes

    /// Shared by all nodes of a file.
    final class Notes {
        var faults = ConfigFaults()
    }

    var source: Source { .field(file: file, line: line, path: path.isEmpty ? "file" : path) }

    /// The values of a mapping, in the file's order; a key that is not one of `known` is noted and left out. Nothing at all
    /// is an empty mapping.
    func fields(_ known: [String]) throws(CommandLineError) -> [(key: String, value: ConfigNode)] {
        if isNull { return [] }
        guard let mapping = node.mapping else { throw source.error("must have keys of its own: \(known[0]), …") }
        var fields: [(key: String, value: ConfigNode)] = []
        for entry in mapping {
            let name = entry.key
            let child = ConfigNode(
                node: entry.value, file: file, path: path.isEmpty ? name : "\(path).\(name)", line: entry.line,
                notes: notes)
            if known.contains(name) {
                fields.append((name, child))
            } else if !notes.faults.isFull {
                // A section whose name is unknown may be any of them.
                (path.isEmpty ? self : child).note(
                    child.source.error(NearestName.problem(kind: "key", name: name, among: known)))
            }
        }
        return fields
    }

    /// The values of a list; a value that is no list counts as a list of one.
    func items() -> [ConfigNode] {
        if isNull { return [] }
        guard let sequence = node.sequence else { return [self] }
        return sequence.enumerated().map { index, item in
            ConfigNode(node: item, file: file, path: "\(path)[\(index)]", line: item.line, notes: notes)
        }
    }

    /// Notes a fault here, and lets the reader go on.
    func note(_ fault: CommandLineError) {
        notes.faults.note(fault, at: String(path.prefix { $0 != "[" }))
    }

    /// Reads one part of the file; what is wrong with it does not keep the reader from the next.
    func attempt(_ read: () throws(CommandLineError) -> Void) {
        guard !notes.faults.isFull else { return }
        do { try read() } catch { note(error) }
    }

    /// The characters of a scalar as they stand in the file: YAML's own reading of `on`, `1:30` or `0x10` does not count.
    func text() throws(CommandLineError) -> String {
        guard let text = node.scalar else { throw source.error("must be a single value") }
        return text
    }

    func read<Value>(_ parse: (String) throws(TextProblem) -> Value) throws(CommandLineError) -> Sourced<Value> {
        let text = try text()
        return try source.read { () throws(TextProblem) in try parse(text) }
    }

    var isNull: Bool { node.isNull }
}
