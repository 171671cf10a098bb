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
}
