import AgentCore

/// Requests in flight by slot: what to write and whom to tell. The slot is the request's id in the core.
///
/// Two arrays, because a request is written with what is in the one and ends with what is in the other.
struct PendingRequests {
    private var templates: [RequestTemplate?] = []
    private var sinks: [RequestSink?] = []
    private var free: [Int] = []

    var ids: [RequestID] { sinks.indices.filter { sinks[$0] != nil }.map { RequestID($0) } }

    mutating func add(template: consuming RequestTemplate, sink: consuming RequestSink) -> RequestID {
        if let slot = free.popLast() {
            templates[slot] = template
            sinks[slot] = sink
            return RequestID(slot)
        }
        templates.append(template)
        sinks.append(sink)
        return RequestID(sinks.count - 1)
    }

    /// The template of the request to write.
    func template(_ id: RequestID) -> RequestTemplate {
        guard let template = templates[id.slot] else { preconditionFailure("a request that has ended") }
        return template
    }

    /// The receiver of the response; nil: nobody wants it.
    func exchange(_ id: RequestID) -> (any ExchangeReceiver)? {
        if case .exchange(let exchange) = sinks[id.slot] { exchange } else { nil }
    }

    /// The one place where a request ends: the slot may be used again from now on.
    mutating func remove(_ id: RequestID) -> RequestSink {
        templates[id.slot] = nil
        guard let sink = sinks[id.slot].take() else { preconditionFailure("a request ended twice") }
        free.append(id.slot)
        return sink
    }
}
