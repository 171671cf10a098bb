import PoolModel
import Wording

/// The DNS records of one host, and the distribution of its load over the addresses.
enum DNSPanel {
    static func draw(_ host: ShownHost, _ model: Model, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1, rect.width > 10 else { return }
        let snapshot = model.picture.snapshot
        let records = snapshot?.dnsRecords.filter { $0.hostID == host.id } ?? []
        let state = snapshot?.dnsCacheEnabled.isFalse == true ? [Span("cache OFF", .warn, .bold)] : []
        canvas.title("DNS and addresses", note: state, in: rect)
        var y = 1
        for record in records { y += draw(record, in: rect, y: y, on: &canvas) }
        if records.isEmpty {
            canvas.text(
                canvas.cut(withoutRecord(host, snapshot), to: rect.width - 2), in: rect, x: 1, y: y, role: .label)
            y += 1
        }
        let lookup = host.metrics.dnsLookup
        if lookup.count.value ?? 0 > 0, rect.height >= 5 {
            let parts = [
                LinePart([Span("asked ", .label), Span(Numbers.count(lookup.count))], rank: 1),
                LinePart([Span("p50 ", .label), Span(Numbers.duration(lookup.percentile(50)))], rank: 0),
                LinePart([Span("p99 ", .label), Span(Numbers.duration(lookup.percentile(99)))], rank: 2),
            ]
            canvas.parts(parts, in: rect, x: 1, end: rect.width, y: y)
            y += 1
        }
        addresses(host, in: rect.below(y), on: &canvas)
    }

    /// How many rows all of it takes.
    static func rows(_ host: ShownHost, _ model: Model) -> Int {
        let records = model.picture.snapshot?.dnsRecords.count { $0.hostID == host.id } ?? 0
        return 1 + max(1, records * 2) + (host.metrics.dnsLookup.count.value ?? 0 > 0 ? 1 : 0) + host.addresses.count
    }

    /// Why there is no record to show.
    private static func withoutRecord(_ host: ShownHost, _ snapshot: ShownSnapshot?) -> String {
        guard let asked = host.metrics.dnsLookup.count.value else { return "\u{2013}  not known here" }
        if asked == 0 {
            return host.metrics.dials.value ?? 0 > 0 ? "no DNS server was asked" : "no lookup yet"
        }
        let isOn = snapshot?.dnsCacheEnabled.value ?? true
        return isOn ? "no record is kept now" : "each new connection asks DNS"
    }

    private static func draw(_ record: DNSRecordSnapshot, in rect: Rect, y: Int, on canvas: inout Canvas) -> Int {
        let left = record.remainingSeconds
        let ttl =
            left < 0
            ? Span("stale for \(Numbers.duration(-left))", .warn, .bold)
            : Span("ttl \(Numbers.duration(left)) of \(Numbers.duration(record.ttlSeconds))")
        canvas.text(canvas.cutMiddle(record.name, to: rect.width - ttl.width - 4), in: rect, x: 1, y: y, style: .bold)
        canvas.spans([ttl], in: rect, x: max(1, rect.width - ttl.width - 1), y: y)
        let all = record.hits + record.misses
        var parts: [LinePart] = []
        if left < 0 { parts.append(LinePart([Span("DNS server does not answer", .warn)], rank: 0)) }
        if let cause = record.negative { parts.append(LinePart([Span("! \(cause.shortLabel)", .bad, .bold)], rank: 0)) }
        if all >= Numbers.leastEvents {
            let share = Numbers.percent(Double(record.hits) / Double(all))
            parts.append(LinePart([Span("hit ", .label), Span(share, .text, .bold)], rank: 1))
        }
        parts.append(LinePart([Span("\(Numbers.count(record.hits)) of \(Numbers.count(all))")], rank: 2))
        parts.append(LinePart([Span("from \(record.source)", .label)], rank: 3))
        canvas.parts(parts, in: rect, x: 1, end: rect.width, y: y + 1)
        return 2
    }

    private static func addresses(_ host: ShownHost, in rect: Rect, on canvas: inout Canvas) {
        let addresses = host.addresses
        let all = Figure.sum(addresses.map(\.exchanges))
        for (row, address) in addresses.enumerated() {
            guard row < rect.height else { return }
            if row == rect.height - 1, addresses.count > rect.height {
                canvas.text("\(addresses.count - row) more addresses", in: rect, x: 1, y: row, role: .label)
                return
            }
            let share = Numbers.share(address.exchanges, of: all)
            canvas.text(canvas.cutMiddle(address.address, to: max(8, rect.width - 23)), in: rect, x: 1, y: row)
            let suspicion = "suspect: last dial failed"
            if address.isSuspect, displayWidth(of: address.address) + suspicion.utf8.count + 3 <= rect.width {
                canvas.rightText(suspicion, in: rect, end: rect.width - 1, y: row, role: .bad, style: .bold)
                continue
            }
            canvas.rightText("\(Numbers.count(address.open)) open", in: rect, end: rect.width - 14, y: row)
            canvas.rightText(share, in: rect, end: rect.width - 8, y: row, style: .bold)
            let note =
                address.isSuspect
                ? Span("suspect", .bad, .bold)
                : address.isInDNS.isFalse
                    ? Span("GONE", .warn, .bold)
                    : Span(address.isInDNS.text { $0 == nil ? "-" : "in DNS" }, .label)
            canvas.spans([note], in: rect, x: max(0, rect.width - 7), y: row)
        }
    }
}
