public import AgentCore
import DNSWire
public import HTTPTypes
public import NIOCore
import NIOPosix
public import NIOSSL

/// An HTTP/1.1 client agent: a pool of connections for each origin (scheme, host, port), and one DNS cache.
///
/// The counterpart of Node's `http.Agent` and `https.Agent`. Connections are kept open and used again (RFC 9112 §9.3)
/// within the limits of `AgentSettings`; every limit, and HTTP keep-alive itself, can change while requests are under
/// way. Requests that find no free connection wait in the order of their arrival.
///
/// An agent lives on one event loop, so that its limits are exact. For more cores make more agents, each with its part
/// of the limits.
///
/// Call `close()` or `shutdown()` when it is no longer needed; an agent that nobody holds on to shuts down by itself.
/// Its event loop must live longer.
public final class HTTPAgent: Sendable {
    private let eventLoop: any EventLoop
    /// Empty for the instant before the loop has made the agent.
    private let core: NIOLoopBoundBox<AgentOnLoop?>
    private let tls: TLSContexts
    private let inbox = Inbox()

    /// Makes an agent; no connection is opened before the first request.
    ///
    /// - Parameters:
    ///   - settings: every limit.
    ///   - tls: for https origins. Default: the system's certificate authorities, with the host's name verified: a DNS
    ///     name in the certificate has to match the origin's name, or an IP address in it the origin's address (RFC 9525
    ///     §6); the common name does not count. Matches https.Agent's `ca`, `cert`, `key` and `rejectUnauthorized`.
    ///   - minimumTLSVersion: no earlier version is spoken. Default TLS 1.2 (RFC 9325 §3.1.1). A later one in `tls` wins.
    ///     Matches https.Agent's `minVersion`.
    ///   - nameServers: DNS servers to ask. Default none: those of /etc/resolv.conf. /etc/hosts comes first either way.
    ///     Both files are looked at again, at most once a second, while requests come, and a change is in force at once.
    ///   - maxHosts: origins that the agent keeps statistics, addresses and idle connections of; below 1 counts as 1. One
    ///     more takes the place of the one idle longest, whose connections close (`evictedForOtherHost`) and whose totals
    ///     stay in `AgentSnapshot.departed`. Origins in use, and those that have settings of their own, stay: while they
    ///     are more than this, there are more. Default 256; one that was visited once costs less than 4 KiB, one in use
    ///     some 60 KiB for its histograms. Node's agents have no such limit.
    ///   - group: where the agent runs; nil: on the process's shared one, which is never shut down. Default nil. One of
    ///     its loops is taken, the caller's own if it is on one.
    public convenience init(
        settings: AgentSettings = AgentSettings(), tls: TLSConfiguration = .makeClientConfiguration(),
        minimumTLSVersion: TLSVersion = .tlsv12, nameServers: [NameServer] = [], maxHosts: Int = 256,
        group: (any EventLoopGroup)? = nil
    ) {
        self.init(
            settings: settings, tls: tls, minimumTLSVersion: minimumTLSVersion, nameServers: nameServers,
            maxHosts: maxHosts, group: group,
            usesOwnSockets: true)
    }

    /// The same, with a say in what plain connections are made of.
    package init(
        settings: AgentSettings, tls: TLSConfiguration, minimumTLSVersion: TLSVersion = .tlsv12,
        nameServers: [NameServer], maxHosts: Int,
        group: (any EventLoopGroup)?, usesOwnSockets: Bool
    ) {
        let eventLoop = (group ?? MultiThreadedEventLoopGroup.singleton).any()
        let core = NIOLoopBoundBox<AgentOnLoop?>.makeEmptyBox(eventLoop: eventLoop)
        self.eventLoop = eventLoop
        self.core = core
        self.tls = TLSContexts(configuration: tls, least: minimumTLSVersion)
        let dns = NameService.Configuration(files: ResolverFiles(asking: nameServers))
        let seed = UInt64.random(in: .min ... .max)
        Self.perform(on: eventLoop) {
            let loop = LoopAgent(
                eventLoop: eventLoop, settings: settings, dns: dns, seed: seed, usesOwnSockets: usesOwnSockets)
            core.value = AgentOnLoop(loop, maxHosts: maxHosts)
        }
    }

    deinit {
        // On the loop, and holding on to the agent until then.
        eventLoop.execute { [core] in
            core.value?.loop.shutdown()
            core.value = nil
        }
    }

    // MARK: Requests

    /// Sends a request and returns when the response's head has arrived, or the whole response where it is small.
    ///
    /// A request that is safe to repeat is sent again, once, when a reused connection died before any byte of an answer
    /// (RFC 9112 §9.3.1); `AgentSettings.retries` and `retryBudget` limit that. Redirects are not followed.
    ///
    /// Cancelling the task cancels the request: a queued one opens no connection, one that was not written leaves its
    /// connection as it was, one that was written closes it.
    ///
    /// - Parameters:
    ///   - request: scheme and authority name the origin; a path begins with `/`, or is `*` for OPTIONS; an empty one is
    ///     `/`. The HTTP types have made blanks of control
    ///     characters by now; `HTTPRequest(checkedMethod:url:fields:)` refuses them. Content-Length, Transfer-Encoding and
    ///     the connection options `close` and `keep-alive` are the agent's own and are refused among the fields.
    ///   - body: what follows the head.
    ///   - options: what is particular to this request.
    /// - Returns: the response, its body perhaps still on its way.
    /// - Throws: why there is no response. `invalidRequest` where the request cannot be sent as it is; such a request is
    ///   in no count.
    public func execute(
        _ request: HTTPRequest, body: AgentRequestBody = .none, options: AgentRequestOptions = AgentRequestOptions()
    ) async throws(AgentError) -> AgentResponse {
        let prepared = try PreparedRequest(request, body, options, tls)
        let slot = ExchangeSlot(eventLoop: eventLoop)
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                arrived(Inbox.Arrival(request: prepared, slot: slot, agent: self, continuation: continuation))
            }
        } onCancel: {
            slot.cancel()
        }
        return try answer.get()
    }

    // MARK: The loop

    private func arrived(_ arrival: Inbox.Arrival) {
        if eventLoop.inEventLoop {
            onLoop { $0.start(arrival) }
        } else if inbox.add(arrival) {
            onLoop { [inbox] in $0.start(inbox.takeAll()) }
        }
    }

    private func onLoop(_ deed: @escaping @Sendable (AgentOnLoop) -> Void) {
        Self.perform(on: eventLoop) { [core] in
            guard let agent = core.value else { preconditionFailure("made before anything else could be asked of it") }
            deed(agent)
        }
    }

    /// At once where the caller is on the loop already: tasks can be made to run there.
    private static func perform(on eventLoop: any EventLoop, _ deed: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { deed() } else { eventLoop.execute(deed) }
    }

    /// Asks the loop for a value.
    private func ask<Value: Sendable>(_ question: @escaping @Sendable (AgentOnLoop) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            onLoop { continuation.resume(returning: question($0)) }
        }
    }
}

// MARK: - Figures and changes

extension HTTPAgent {
    /// Everything that can be seen of the agent now.
    ///
    /// - Parameter sockets: whether each open connection and DNS record is listed, which takes a walk over all of them.
    /// - Returns: a value that is safe to keep. `events` has what happened since the last snapshot.
    public func snapshot(sockets: Bool = false) async -> AgentSnapshot {
        await ask { $0.snapshot(sockets: sockets, wallClock: ProcessSnapshot.wallClock) }
    }

    /// What happens to the agent's connections from now on: each opening, each close with its reason, each retry.
    ///
    /// Costs nothing while nobody listens. The sequence ends when the agent has stopped.
    ///
    /// - Parameter limit: entries that wait for a slow reader at the most; the oldest are dropped. Default 1,024.
    /// - Returns: a sequence of its own for each call.
    public func events(limit: Int = 1024) -> AsyncStream<AgentActivity> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: AgentActivity.self, bufferingPolicy: .bufferingNewest(max(1, limit)))
        onLoop { $0.loop.observe(continuation) }
        return stream
    }

    /// Changes every limit, and returns when the new ones are in force.
    ///
    /// Lowered limits close surplus idle connections at once and let active ones finish; raised ones let waiting
    /// requests go on. Node's agents cannot do that.
    public func update(_ settings: AgentSettings) async {
        await ask { $0.loop.send(.settingsChanged(settings)) }
    }

    /// Switches HTTP keep-alive, and returns when it is so.
    ///
    /// Off: idle connections close now, active ones after their exchange, and requests say `Connection: close`. On: from
    /// the next response. No request fails by it. Matches http.Agent's `keepAlive`, which there cannot change.
    ///
    /// - Parameters:
    ///   - policy: when a connection may carry more than one exchange.
    ///   - origin: `scheme://host[:port]`; nil: all, also those that had a setting of their own.
    /// - Throws: `invalidRequest` where the origin cannot be read.
    public func setKeepAlive(_ policy: KeepAlivePolicy, for origin: String? = nil) async throws(AgentError) {
        let origin = try Origin(optional: origin)
        let context = origin?.isTLS == true ? try tls.context() : nil
        if let error = await ask({ $0.setKeepAlive(policy, origin, context) }) { throw error }
    }

    // MARK: The end

    /// Lets active and queued requests finish, and returns when every connection is closed. New requests fail with
    /// `shutdown`. A response body that is not read holds this up to its request's time limit, and for good where it has
    /// none: `shutdown()` ends it. Node's agents have only `destroy()`.
    public func close() async {
        await withCheckedContinuation { continuation in
            onLoop { $0.loop.drain().assumeIsolated().whenComplete { _ in continuation.resume() } }
        }
    }

    /// Fails every request with `shutdown`, closes every connection, and returns when that is done. New requests fail the
    /// same way. Matches http.Agent's `destroy()`.
    public func shutdown() async { await ask { $0.loop.shutdown() } }
}

extension Origin {
    fileprivate init?(optional text: String?) throws(AgentError) {
        guard let text else { return nil }
        try self.init(text)
    }
}
