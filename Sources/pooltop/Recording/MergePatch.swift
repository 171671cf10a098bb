/// The difference of two JSON documents as a JSON Merge Patch (RFC 7386): the members that changed, and null for those
/// that are gone. Lists are replaced as a whole. Documents have no nulls of their own.
extension JSONValue {
    /// What turns `earlier` into this document; nil where nothing changed.
    func patch(from earlier: JSONValue) -> JSONValue? {
        if self == earlier { return nil }
        guard case .object(let members) = self, case .object(let before) = earlier else { return self }
        let old = Dictionary(before.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        var kept: Set<String> = []
        var changed: [Member] = []
        for member in members {
            kept.insert(member.key)
            guard let value = old[member.key] else {
                changed.append(member)
                continue
            }
            if let difference = member.value.patch(from: value) {
                changed.append(Member(key: member.key, value: difference))
            }
        }
        for member in before where !kept.contains(member.key) { changed.append(Member(key: member.key, value: .null)) }
        return .object(changed)
    }

    /// This document with a patch applied. New members come last.
    func patched(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var result = members
        var isShrunk = false
        var next = 0
        for change in changes {
            // A patch has its members in the order of the document, so each is found soon after the one before.
            func isIt(_ member: Member) -> Bool { member.key == change.key }
            let found = result[next...].firstIndex(where: isIt) ?? result[..<next].firstIndex(where: isIt)
            guard let place = found else {
                if change.value == .null { continue }
                // Nulls inside of what is new are not members either.
                result.append(Member(key: change.key, value: JSONValue.null.patched(with: change.value)))
                continue
            }
            next = place + 1
            isShrunk = isShrunk || change.value == .null
            result[place].value = result[place].value.patched(with: change.value)
        }
        if isShrunk { result.removeAll { $0.value == .null } }
        return .object(result)
    }
}
