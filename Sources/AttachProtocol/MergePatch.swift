package import PlainDocuments

extension JSONValue {
    /// The document that a JSON merge patch (RFC 7396) makes of this one: objects are merged member by member, null removes a
    /// member, and anything else takes the place of what was there.
    package func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = self.members
        // Hosts may be a thousand, and a search for each would be a million steps.
        var places: [String: Int] = [:]
        if changes.count > 8 {
            for (index, member) in members.enumerated() { places[member.key] = index }
        }
        var removed: Set<String> = []
        for change in changes {
            let place = changes.count > 8 ? places[change.key] : members.firstIndex { $0.key == change.key }
            if case .null = change.value {
                if place != nil { removed.insert(change.key) }
            } else if let place {
                members[place].value = members[place].value.merged(with: change.value)
            } else {
                places[change.key] = members.count
                members.append(Member(key: change.key, value: JSONValue.null.merged(with: change.value)))
            }
        }
        if !removed.isEmpty { members.removeAll { removed.contains($0.key) } }
        return .object(members)
    }

    /// The JSON merge patch that makes another document of this one. Members that are null in it cannot be told from members that
    /// are not there, and are removed.
    package func patch(to other: JSONValue) -> JSONValue { changes(to: other) ?? .object([]) }

    /// nil: there is no difference.
    private func changes(to other: JSONValue) -> JSONValue? {
        guard case .object(let new) = other else { return self == other ? nil : other }
        guard case .object(let old) = self else { return other }
        var known = Dictionary(old.map { ($0.key, $0.value) }) { first, _ in first }
        var patch: [Member] = []
        for member in new {
            guard let before = known.removeValue(forKey: member.key) else {
                patch.append(member)
                continue
            }
            if let changes = before.changes(to: member.value) { patch.append(Member(key: member.key, value: changes)) }
        }
        for member in old where known[member.key] != nil { patch.append(Member(key: member.key, value: .null)) }
        return patch.isEmpty ? nil : .object(patch)
    }
}
