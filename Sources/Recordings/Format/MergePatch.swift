package import PlainDocuments

/// The difference between two JSON documents as a JSON Merge Patch (RFC 7386): the members that changed, and null for
/// those that were removed. Lists are replaced as a whole. The documents themselves contain no nulls.
extension JSONValue {
    /// The patch that turns `earlier` into this document; nil if nothing changed.
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

    /// Applies a patch in place. New members are appended.
    ///
    /// - Returns: the number of values visited, including the members that were skipped beside a changed one.
    package mutating func apply(_ patch: JSONValue) -> Int {
        guard case .object(let changes) = patch else {
            self = patch
            return 1
        }
        // Taken out of the value, so that the list is mutated and not copied.
        var places = MemberPlaces(members)
        self = .null
        var work = 1 + changes.count + places.members.count / 16
        var isShrunk = false
        for change in changes {
            guard let place = places.place(of: change.key, isOneOf: changes.count) else {
                if change.value == .null { continue }
                // Nulls inside new values are not members either.
                var value = JSONValue.null
                work += value.apply(change.value)
                places.append(Member(key: change.key, value: value))
                continue
            }
            isShrunk = isShrunk || change.value == .null
            work += places.members[place].value.apply(change.value)
        }
        if isShrunk { places.members.removeAll { $0.value == .null } }
        self = .object(places.members)
        return work
    }
}

/// Finds the members of an object while a patch is applied.
private struct MemberPlaces {
    var members: [JSONValue.Member]
    private var next = 0
    /// Built when it is first needed.
    private var index: [String: Int]?

    /// A patch usually has its members in the order of the document, so each is found soon after the previous one.
    private static let near = 16
    /// With fewer members in the patch, searching is faster than building an index.
    private static let few = 8

    init(_ members: [JSONValue.Member]) { self.members = members }

    mutating func place(of key: String, isOneOf changes: Int) -> Int? {
        let near = members[next...].prefix(Self.near).firstIndex { $0.key == key }
        guard let place = near ?? far(key, isOneOf: changes) else { return nil }
        next = place + 1
        return place
    }

    private mutating func far(_ key: String, isOneOf changes: Int) -> Int? {
        guard changes > Self.few else { return members.firstIndex { $0.key == key } }
        let known =
            index ?? Dictionary(members.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
        index = known
        return known[key]
    }

    mutating func append(_ member: JSONValue.Member) {
        index?[member.key] = members.count
        members.append(member)
    }
}
