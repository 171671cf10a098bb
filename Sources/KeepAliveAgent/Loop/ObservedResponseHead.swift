import HTTP1
import PoolModel

/// The latest response head of one host that somebody wanted to see.
///
/// Heads are looked at for figures only, so hardly any is kept: one after each snapshot that asks for the host, and of it
/// the few fields that say something of the connection.
struct ObservedResponseHead {
    /// The next head is to be kept.
    var isWanted = false
    private var kept: (head: HeadSnapshot, at: Moment)?

    /// Names and values longer than this are cut.
    private static let longest = 256
    private static let most = 16

    mutating func seen(_ status: Int, _ fields: HeadFields, _ now: Moment) {
        isWanted = false
        var told: [HeadSnapshot.Field] = []
        for field in fields where told.count < Self.most {
            let name = String(decoding: field.name.prefix(Self.longest), as: UTF8.self)
            guard HeadSnapshot.names.contains(name.lowercased()) else { continue }
            let value = String(decoding: field.value.prefix(Self.longest), as: UTF8.self)
            told.append(HeadSnapshot.Field(name: name, value: Redaction.fieldValue(name, value)))
        }
        kept = (HeadSnapshot(status: status, ageSeconds: 0, fields: told), now)
    }

    func snapshot(_ now: Moment) -> HeadSnapshot? {
        guard let kept else { return nil }
        var head = kept.head
        head.ageSeconds = (now - kept.at).asSeconds
        return head
    }
}
