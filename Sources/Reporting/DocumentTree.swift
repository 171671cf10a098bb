import PlainDocuments

/// Builds nested JSON objects from values at dotted paths, in the order in which they are added.
struct DocumentTree {
    private(set) var members: [JSONValue.Member] = []

    /// Adds a member at the end of its object, or before the member with the given name if there is one.
    mutating func set(_ path: String, _ value: JSONValue, before: String? = nil) {
        Self.set(path.split(separator: ".")[...], value, before, in: &members)
    }

    private static func set(
        _ path: ArraySlice<Substring>, _ value: JSONValue, _ before: String?, in members: inout [JSONValue.Member]
    ) {
        guard let name = path.first else { return }
        let rest = path.dropFirst()
        let place = members.firstIndex { $0.key == name }
        guard !rest.isEmpty else {
            if let place {
                members[place].value = value
            } else {
                let next = members.firstIndex { $0.key == before } ?? members.endIndex
                members.insert(.init(key: String(name), value: value), at: next)
            }
            return
        }
        var inner = place.map { members[$0].value.members } ?? []
        set(rest, value, before, in: &inner)
        if let place {
            members[place].value = .object(inner)
        } else {
            members.append(.init(key: String(name), value: .object(inner)))
        }
    }
}
