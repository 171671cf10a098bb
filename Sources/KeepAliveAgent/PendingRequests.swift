import AgentCore

/// Requests in flight by slot: what to write and whom to tell. The slot is the request's id in the core.
struct PendingRequests {
    private struct Entry {
        var template: RequestTemplate
        var sink: RequestSink
    }

    private var entries: [Entry?] = []
    private var free: [Int] = []

    var ids: [RequestID] { entries.indices.filter { entries[$0] != nil }.map { RequestID($0) } }

    mutating func add(template: RequestTemplate, sink: RequestSink) -> RequestID {
        let entry = Entry(template: template, sink: sink)
        if let slot = free.popLast() {
            entries[slot] = entry
            return RequestID(slot)
        }
        entries.append(entry)
        return RequestID(entries.count - 1)
    }

    /// What is to be written, and who wants the response.
    func request(_ id: RequestID) -> (template: RequestTemplate, exchange: Exchange?) {
        guard let template = entries[id.slot]?.template else { preconditionFailure("a request that has ended") }
        return (template, entries[id.slot]?.sink.exchange)
    }

    /// The one place where a request ends: the slot may be used again from now on.
    mutating func remove(_ id: RequestID) -> RequestSink {
        guard let entry = entries[id.slot].take() else { preconditionFailure("a request ended twice") }
        free.append(id.slot)
        return entry.sink
    }
}
