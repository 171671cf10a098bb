public import AgentCore
import DNSWire
public import HTTPTypes
public import NIOCore
import NIOPosix
public import NIOSSL
public import PoolModel
import Synchronization

/// An HTTP/1.1 client agent: a pool of connections for each origin (scheme, host, port), and one DNS cache.
///
/// The counterpart of Node's `http.Agent` and `https.Agent`. Connections are kept open and used again (RFC 9112 §9.3)
/// within the limits of `AgentSettings`; every limit, and HTTP keep-alive itself, can change while requests are under
/// way. Requests that find no free connection wait in the order of their arrival.
///
/// An agent lives on one event loop, so that its limits are exact. For more cores make more agents, each with its part
/// of the limits.
///
/// Bodies are handed over as they were sent: no `Accept-Encoding` is added and nothing is decompressed, as with Node's
/// `http.request` and undici's `request`. A caller that wants compressed answers says so and decompresses them itself.
///
/// Call `close()` or `shutdown()` when it is no longer needed; an agent that nobody holds on to shuts down by itself.
/// When its event loop ends first, requests under way and all later ones fail with `shutdown`.
public final class HTTPAgent: Sendable {
    private let door: LoopDoor
    private let core: NIOLoopBoundBox<Core>
    /// Fails when the loop ends.
    private let end: Scheduled<Void>
    private let tls: TLSContexts
    private let inbox = Inbox()
    /// Things that end with the agent.
    private let endings = Mutex<[@Sendable () async -> Void]>([])

    /// The loop's side of it. The loop makes it, whoever comes there first: a caller on the loop may come before the task
    /// that was to make it.
    private enum Core {
        /// → made
        case planned(@Sendable () -> AgentOnLoop)
        /// → gone
        case made(AgentOnLoop)
        /// → nothing
        case gone
    }

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
    ///   - addresses: origins that are reached at fixed addresses, without DNS. Default none. The first that fits wins.
    ///     Matches curl's `--resolve`; Node has the `lookup` option for that.
    ///   - maxHosts: origins that the agent keeps statistics, addresses and idle connections of; below 1 counts as 1. One
    ///     more takes the place of the one idle longest, whose connections close (`evictedForOtherHost`) and whose totals
    ///     stay in `AgentSnapshot.departed`. Origins in use, and those that have settings of their own, stay: while they
    ///     are more than this, there are more. Default 256; one that was visited once costs less than 4 KiB, one in use
    ///     some 60 KiB for its histograms. Node's agents have no such limit.
    ///   - group: where the agent runs; nil: on the process's shared one, which is never shut down. Default nil. One of
    ///     its loops is taken, the caller's own if it is on one.
    public convenience init(
        settings: AgentSettings = AgentSettings(), tls: TLSConfiguration = .makeClientConfiguration(),
        minimumTLSVersion: TLSVersion = .tlsv12, nameServers: [NameServer] = [], addresses: [AddressOverride] = [],
        maxHosts: Int = 256, group: (any EventLoopGroup)? = nil
    ) {
        self.init(
            settings: settings, tls: tls, minimumTLSVersion: minimumTLSVersion, nameServers: nameServers,
            addresses: addresses, maxHosts: maxHosts, group: group, usesOwnSockets: true)
    }

    /// The same, with a say in what plain connections are made of.
    package init(
        settings: AgentSettings, tls: TLSConfiguration, minimumTLSVersion: TLSVersion = .tlsv12,
        nameServers: [NameServer], addresses: [AddressOverride] = [], maxHosts: Int, group: (any EventLoopGroup)?,
        usesOwnSockets: Bool
    ) {
        let eventLoop = (group ?? MultiThreadedEventLoopGroup.singleton).any()
        self.tls = TLSContexts(configuration: tls, least: minimumTLSVersion)
        let dns = NameService.Configuration(files: ResolverFiles(asking: nameServers))
        let seed = UInt64.random(in: .min ... .max)
        let core = NIOLoopBoundBox.makeBoxSendingValue(
            Core.planned {
                let loop = LoopAgent(
                    eventLoop: eventLoop, settings: settings, dns: dns, seed: seed, usesOwnSockets: usesOwnSockets)
                return AgentOnLoop(loop, maxHosts: maxHosts, addresses: addresses)
            }, eventLoop: eventLoop)
        let door = LoopDoor(eventLoop: eventLoop)
        end = eventLoop.scheduleTask(deadline: .distantFuture) {}
        end.futureResult.whenFailure { error in
            // Or it was cancelled, because the agent has gone first.
            guard error as? EventLoopError == .shutdown else { return }
            Self.finish(core)
            door.close()
        }
        self.core = core
        self.door = door
        door.perform { if $0 { _ = Self.agent(core) } }
    }

    deinit {
        end.cancel()
        let left = takeEndings()
        if !left.isEmpty { Task { for act in left { await act() } } }
        // On the loop, and holding on to the agent until then.
        door.performLater { [core] in if $0 { Self.finish(core) } }
    }

    /// nil: it has gone.
    private static func agent(_ core: NIOLoopBoundBox<Core>) -> AgentOnLoop? {
        switch core.value {
        case .planned(let make):
            let agent = make()
            core.value = .made(agent)
            return agent
        case .made(let agent): return agent
        case .gone: return nil
        }
    }

    private static func finish(_ core: NIOLoopBoundBox<Core>) {
        if case .made(let agent) = core.value { agent.loop.shutdown() }
        core.value = .gone
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
    /// With `Expect: 100-continue` among the fields the body is held back until the server says 100, for a second at the
    /// most, as curl does (RFC 9110 §10.1.1). A final status that comes first ends the request without its body, and the
    /// connection is closed (`CloseReason.earlyResponse`). After 417 the request is made once more without the field.
    ///
    /// - Parameters:
    ///   - request: scheme and authority name the origin; a path begins with `/`, or is `*` for OPTIONS; an empty one is
    ///     `/`. The scheme is `http`, `https` or `http+unix`, whose authority is a socket's path, percent-encoded
    ///     (`http+unix://%2Frun%2Fapp.sock`), and whose Host field is `localhost` where none is given. The HTTP types have
    ///     made blanks of control
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
        let response = try await send(PreparedRequest(request, body, options, tls))
        guard response.code == 417, response.bodyWasWithheld else { return response }
        // RFC 9110 §10.1.1: a client should repeat the request without the expectation.
        var plain = request
        plain.headerFields[.expect] = nil
        return try await send(PreparedRequest(plain, body, options, tls))
    }

    private func send(_ prepared: PreparedRequest) async throws(AgentError) -> AgentResponse {
        let slot = ExchangeSlot(door: door, origin: prepared.origin)
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
        if door.eventLoop.inEventLoop {
            onLoop { agent in
                if let agent { agent.start(arrival) } else { arrival.refuse() }
            }
        } else if inbox.add(arrival) {
            onLoop { [inbox] agent in
                let arrivals = inbox.takeAll()
                if let agent { agent.start(arrivals) } else { arrivals.forEach { $0.refuse() } }
            }
        }
    }

    /// nil: the loop has gone, and the agent with it.
    private func onLoop(_ deed: @escaping @Sendable (AgentOnLoop?) -> Void) {
        door.perform { [core] in deed($0 ? Self.agent(core) : nil) }
    }

    /// Asks the loop for a value; `otherwise` where it has gone.
    func ask<Value: Sendable>(
        otherwise: Value, _ question: @escaping @Sendable (AgentOnLoop) -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            onLoop { agent in continuation.resume(returning: agent.map(question) ?? otherwise) }
        }
    }
}

// MARK: - Figures and changes

extension HTTPAgent {
    /// Everything that can be seen of the agent now.
    ///
    /// - Parameter sockets: whether each open connection and DNS record is listed, which takes a walk over all of them.
    /// - Returns: a value that is safe to keep. `events` has what happened since the last snapshot. Empty, with the
    ///   sequence number 0, where the event loop has gone.
    public func snapshot(sockets: Bool = false) async -> AgentSnapshot {
        let snapshot = await ask(otherwise: nil) { agent -> AgentSnapshot? in
            agent.snapshot(sockets: sockets, wallClock: ProcessSnapshot.wallClock)
        }
        return snapshot ?? .empty(wallClock: ProcessSnapshot.wallClock)
    }

    /// Reports changes of the agent's connections from now on: each opening, each close with its reason, each retry.
    ///
    /// Costs nothing without subscribers. The sequence ends when the agent has stopped.
    ///
    /// - Parameter limit: the most entries to buffer for a slow reader; beyond it the oldest are dropped. Default
    ///   1,024.
    /// - Returns: a separate sequence for each call.
    public func events(limit: Int = 1024) -> AsyncStream<AgentActivity> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: AgentActivity.self, bufferingPolicy: .bufferingNewest(max(1, limit)))
        onLoop { agent in
            if let agent { agent.observe(continuation) } else { continuation.finish() }
        }
        return stream
    }

    /// Changes every limit, and returns when the new ones are in force.
    ///
    /// Lowered limits close surplus idle connections at once and let active ones finish; raised ones let waiting
    /// requests go on. Node's agents cannot do that.
    public func update(_ settings: AgentSettings) async {
        await ask(otherwise: ()) { $0.loop.send(.settingsChanged(settings)) }
    }

    /// The limits in force.
    ///
    /// - Parameter origin: `scheme://host[:port]`: those of this origin, which are the agent's where it has none of its own
    ///   or was never used; nil: the agent's. Default nil.
    /// - Returns: a value to change and hand to `update(_:)` or `update(_:for:)`. The defaults where the event loop has
    ///   gone.
    /// - Throws: `invalidRequest` where the origin cannot be read.
    public func settings(for origin: String? = nil) async throws(AgentError) -> AgentSettings {
        let origin = try Origin(optional: origin)
        return await ask(otherwise: AgentSettings()) { $0.settings(origin) }
    }

    /// Gives one origin limits of its own, and returns when they are in force.
    ///
    /// They take the place of the agent's whole, so later changes by `update(_:)` do not reach this origin. Limits over all
    /// hosts (`maxTotalSockets`, `maxFreeSocketsTotal`) and of names (`dns…`) stay the agent's, whatever is given here.
    /// `keepAlive` is the same as with `setKeepAlive(_:for:)`. Node's http.Agent has one set of limits for all origins, so
    /// that a program makes several agents; undici's `Agent` has the `factory` option, which makes the pool of an origin
    /// once and cannot change it.
    ///
    /// - Parameters:
    ///   - settings: nil: as the agent's again, from now on.
    ///   - origin: `scheme://host[:port]`. It need not have been used yet.
    /// - Throws: `invalidRequest` where the origin cannot be read.
    public func update(_ settings: AgentSettings?, for origin: String) async throws(AgentError) {
        let origin = try Origin(origin)
        let context = origin.isTLS ? try tls.context() : nil
        await ask(otherwise: ()) { $0.update(settings, origin, context) }
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
        if let error = await ask(otherwise: nil, { $0.setKeepAlive(policy, origin, context) }) { throw error }
    }

    // MARK: The end

    /// Lets active and queued requests finish, and returns when every connection is closed. New requests fail with
    /// `shutdown`. A response body that is not read holds this up to its request's time limit, and for good where it has
    /// none: `shutdown()` ends it. Node's agents have only `destroy()`.
    public func close() async {
        await withCheckedContinuation { continuation in
            onLoop { agent in
                guard let agent else { return continuation.resume() }
                agent.loop.drain().assumeIsolated().whenComplete { _ in continuation.resume() }
            }
        }
        for act in takeEndings() { await act() }
    }

    /// Fails every request with `shutdown`, closes every connection, and returns when that is done. New requests fail the
    /// same way. Matches http.Agent's `destroy()`.
    public func shutdown() async {
        await ask(otherwise: ()) { $0.loop.shutdown() }
        for act in takeEndings() { await act() }
    }

    /// Does something when the agent ends, in whatever way.
    func atEnd(_ act: @escaping @Sendable () async -> Void) { endings.withLock { $0.append(act) } }

    private func takeEndings() -> [@Sendable () async -> Void] {
        endings.withLock { acts in
            defer { acts = [] }
            return acts
        }
    }
}

extension Origin {
    fileprivate init?(optional text: String?) throws(AgentError) {
        guard let text else { return nil }
        try self.init(text)
    }
}
