package import AgentCore
import DNSWire
import HTTP1
package import NIOCore
package import PoolModel

/// The agent on one event loop: it reports facts to the machine and performs the machine's effects in order.
///
/// Confined to its loop: decision order is execution order, limits are exact, there are no locks. Not Sendable; other
/// threads reach it through the loop only. Every request given to `start` ends in exactly one call of its sink.
package final class LoopAgent: ConnectionReceiver, NameServiceClient {
    package let eventLoop: any EventLoop
    /// The machine, in place: a stored property of a class would be copied (a retain for each of its arrays) by every
    /// getter called on it from here, and checked for exclusive access by every call.
    package private(set) var machine: AgentMachine {
        _read { yield storage.pointee }
        _modify { yield &storage.pointee }
    }
    let storage: UnsafeMutablePointer<AgentMachine>
    let clock: LoopClock
    let dialer: Dialer
    private let names: NameService

    // These are touched several times for every request, each by one statement at a time and on one thread: the check
    // for overlapping access would cost more than the access.
    /// By connection slot; nil before the connection is established and after it has left.
    @exclusivity(unchecked) private var wires: [HTTP1Connection?] = []
    @exclusivity(unchecked) private var pending = PendingRequests()
    @exclusivity(unchecked) private var endpoints: [Endpoint] = []
    /// Connections whose exchange has ended in this turn of the loop.
    @exclusivity(unchecked) private var ended: [HTTP1Connection] = []
    /// The kernel has told a moment ago what it knows of the plain connections.
    private var hasAskedKernel = false
    /// Called when the exchanges that ended in a turn of the loop have been reported.
    @exclusivity(unchecked) var onTurnEnd: () -> Void = {}
    private var isPerforming = false
    private var isFlushing = false
    /// A task will end the turn.
    private var isTurnEnding = false
    /// For tests: over loopback nothing is under way for any time.
    package var leastRoundTrip: Nanoseconds = 0
    @exclusivity(unchecked) private(set) var sweptAt = Moment.zero
    /// The time at which an exchange ended and the next one began: one reading of the clock for both.
    @exclusivity(unchecked) private var instant: Moment?
    private var armedFor = Moment.never
    private var timer: Scheduled<Void>?
    private let poll: PollSignal
    /// nil: plain connections are channels.
    private let poller: SocketPoller?
    /// Told by two clocks; the second is `bootClock`.
    @exclusivity(unchecked) private var suspensions: SuspensionWatch
    private let bootClock: () -> Moment
    private var drainWaiters: [EventLoopPromise<Void>] = []
    /// Some host's next head is wanted.
    @exclusivity(unchecked) private var wantsHeads = false
    /// Told of connections until the agent has stopped; nil: nobody listens.
    @exclusivity(unchecked) var observer: (any ConnectionObserver)?

    /// Without `usesOwnSockets` plain connections are channels, as they are where the kernel does not let us have our own.
    /// `bootClock` goes on while the machine sleeps.
    package init(
        eventLoop: any EventLoop, settings: AgentSettings, dns: NameService.Configuration, seed: UInt64,
        usesOwnSockets: Bool = true, bootClock: @escaping () -> Moment = { BootClock.now }
    ) {
        eventLoop.assertInEventLoop()
        self.eventLoop = eventLoop
        clock = LoopClock()
        storage = .allocate(capacity: 1)
        storage.initialize(to: AgentMachine(settings: settings, seed: seed, now: clock.now))
        self.bootClock = bootClock
        suspensions = SuspensionWatch(awake: clock.now, always: bootClock())
        poll = PollSignal(eventLoop: eventLoop)
        poller = usesOwnSockets ? SocketPoller(eventLoop: eventLoop) : nil
        dialer = Dialer(eventLoop: eventLoop, poller: poller)
        names = NameService(eventLoop: eventLoop, configuration: dns)
        dialer.receiver = self
        names.client = self
        poller?.onSweepBegin = { [unowned self] in sweptAt = clock.now }
        poller?.onSweepEnd = { [unowned self] in endTurn() }
        // Requests hear that the agent was shut down, and not that their connections were closed one by one.
        poller?.onLoopEnd = { [weak self] in self?.shutdown() }
        poll.onLoopEnd = { [weak self] in self?.shutdown() }
    }

    deinit {
        storage.deinitialize(count: 1)
        storage.deallocate()
    }

    package var now: Moment { instant ?? clock.now }

    // MARK: Hosts

    /// Adds a host (origin). Its connections share one pool from now on. `replacing`: a host that leaves for it.
    package func addHost(_ description: HostDescription, tls: TLSIdentity?, replacing former: HostID? = nil) -> HostID {
        let id = machine.addHost(description, replacing: former)
        if id.index < endpoints.count {
            endpoints[id.index] = Endpoint(tls: tls)
        } else {
            endpoints.append(Endpoint(tls: tls))
        }
        if !isPerforming { performEffects() }
        return id
    }

    package func method(_ name: String) -> MethodID { machine.intern(method: name) }

    // MARK: Requests

    /// Takes a request. `plannedAt` is when it should have started; its latency counts from there. `token` is for its
    /// owner, which may have many.
    @discardableResult
    package func start(
        _ template: consuming RequestTemplate, owner: any RequestOwner, token: Int, plannedAt: Moment
    ) -> RequestID {
        start(template, sink: .owner(owner, token: token), plannedAt: plannedAt)
    }

    func start(_ template: consuming RequestTemplate, sink: consuming RequestSink, plannedAt: Moment) -> RequestID {
        let arrival = RequestArrival(
            host: template.host, method: template.method, plannedAt: plannedAt, isIdempotent: template.isIdempotent,
            isReplayable: !template.hasStreamedBody, timeout: template.timeout)
        let id = pending.add(template: template, sink: sink)
        send(.requestArrived(id, arrival))
        return id
    }

    /// Takes requests that arrive together. The kernel is asked once what it knows of all plain connections, so that none
    /// of them has to be looked at by itself.
    package func batch(_ arrivals: () -> Void) {
        guard let poller, !poller.isSweeping else { return arrivals() }
        poller.sweep()
        hasAskedKernel = true
        arrivals()
        hasAskedKernel = false
    }

    package func cancel(_ id: RequestID) { send(.requestCancelled(id)) }

    /// Ends every request that is still in flight: those to a host that cannot be reached fail with that cause, the
    /// others are cancelled. The connections of others stay as they are.
    package func giveUpRequests() {
        // The last first: they are the ones that wait, and would get new connections as soon as others are given up.
        for id in pending.ids.reversed() { send(.requestGivenUp(id)) }
    }

    // MARK: Facts in, deeds out

    /// Reports a fact. Effects that it causes are performed before this returns, unless effects are being performed
    /// already: then they wait for their turn behind those.
    package func send(_ event: AgentEvent) {
        if !ended.isEmpty { flushEndedExchanges() }
        report(event)
    }

    /// The same for what is read from a connection: exchanges that ended in this turn stay behind it.
    func report(_ event: AgentEvent) {
        let now = now
        if now >= suspensions.nextLookAt { lookAround(now) }
        storage.pointee.handle(event, now: now)
        if let observer { observer.happened(event, storage.pointee) }
        if !isPerforming { performEffects() }
    }

    /// Looks at most ten times a second whether the world has changed without telling us. It does so before the machine hears
    /// anything, so that a FIN that came during a sleep is one of a connection that is closed already.
    @inline(never)
    private func lookAround(_ now: Moment) {
        if let span = suspensions.look(awake: now, always: bootClock()) {
            storage.pointee.handle(.suspended(for: span), now: now)
        }
        if names.hasChanged(now) { storage.pointee.handle(.resolverChanged, now: now) }
    }

    /// An exchange has ended. It is reported when the loop has read all that it was told of in this turn: a FIN that
    /// came with the response is known by then, and the next request is not put on a connection that has just ended.
    func exchangeEnded(_ wire: HTTP1Connection) {
        ended.append(wire)
        endTurnLater()
    }

    /// A sweep ends the turn itself, and settling is part of an end.
    func endTurnLater() {
        guard !isTurnEnding, !isFlushing, poller?.isSweeping != true else { return }
        isTurnEnding = true
        eventLoop.assumeIsolated().execute { [self] in
            isTurnEnding = false
            endTurn()
        }
    }

    private func endTurn() {
        flushEndedExchanges()
        onTurnEnd()
    }

    private func flushEndedExchanges() {
        guard !ended.isEmpty, !isFlushing else { return }
        isFlushing = true
        var next = 0
        let readInThisTurn = ended.count
        while next < ended.count {
            poller?.lookAgain(beforeHandingOn: next, of: readInThisTurn)
            if let event = ended[next].takeEnd() {
                instant = clock.now
                report(event)
            }
            next += 1
        }
        instant = nil
        for wire in ended { wire.turnHasEnded() }
        ended.removeAll(keepingCapacity: true)
        isFlushing = false
    }

    private func performEffects() {
        isPerforming = true
        while let effect = storage.pointee.nextEffect() { perform(effect) }
        isPerforming = false
        if storage.pointee.earliestDeadline() < armedFor { armTimer() }
    }

    private func perform(_ effect: AgentEffect) {
        switch effect {
        case .resolve(let name, let id):
            names.resolve(storage.pointee.text(of: name), name, for: id, timeout: storage.pointee.settings.dnsTimeout)
        case .connect(let id, let attempt, let address):
            connect(id, attempt: attempt, address: address)
        case .abandonAttempt(let id, let attempt): dialer.abandon(id, attempt: attempt)
        case .abortDial(let id): abortDial(id)
        case .assign(let request, let id, let sendClose, let isReused):
            assign(request, to: id, sendClose: sendClose, isReused: isReused)
        case .measureSilence(let id): wire(id)?.measureSilence()
        case .drainBody(let id): wire(id)?.drainBody()
        case .close(let id, let reason):
            observer?.closed(id, reason)
            takeWire(id)?.close()
        // Nobody can take a connection over that has changed its protocol: it would stay open for ever.
        case .detach(let id):
            observer?.closed(id, .upgraded)
            takeWire(id)?.close()
        case .succeed(let request, let status): end(request, .succeeded(status: status))
        case .fail(let request, let error): end(request, .failed(error))
        case .cancelled(let request): end(request, .cancelled)
        case .drained: finishDrain()
        }
    }

    private func end(_ request: RequestID, _ outcome: RequestOutcome) {
        pending.remove(request).requestEnded(outcome)
    }

    // MARK: Connections

    private func connect(_ id: ConnectionID, attempt: Int, address: Int) {
        guard let destination = storage.pointee.destination(of: id, address: address) else { return }
        dialer.connect(id, attempt: attempt, to: destination.peer, tls: endpoints[destination.host].tls)
    }

    private func abortDial(_ id: ConnectionID) {
        dialer.abort(id)
        takeWire(id)?.close()
    }

    /// An attempt of a dial has a TCP connection. The machine may have moved on: then the wire closes itself.
    func attemptConnected(_ wire: HTTP1Connection, attempt: Int, localPort: Int) {
        let id = wire.id
        guard storage.pointee.isKnown(id) else { return wire.close() }
        wire.connected(leastRoundTrip: leastRoundTrip)
        while wires.count <= id.slot { wires.append(nil) }
        wires[id.slot] = wire
        if localPort != 0, let silence = storage.pointee.probeSilence(of: id) { wire.probe(afterSilence: silence) }
        report(.connected(id, attempt: attempt, localPort: localPort))
    }

    /// A connection ended by itself; the wire is forgotten before the machine hears of it.
    func lost(_ wire: HTTP1Connection, _ event: AgentEvent) {
        _ = takeWire(wire.id)
        report(event)
    }

    private func wire(_ id: ConnectionID) -> HTTP1Connection? {
        guard id.slot < wires.count, let wire = wires[id.slot], wire.id == id else { return nil }
        return wire
    }

    private func takeWire(_ id: ConnectionID) -> HTTP1Connection? {
        guard let wire = wire(id) else { return nil }
        wires[id.slot] = nil
        return wire
    }

    private func assign(_ request: RequestID, to id: ConnectionID, sendClose: Bool, isReused: Bool) {
        guard let assignment = storage.pointee.assignment(of: request, to: id), let wire = wire(id) else { return }
        let template = pending.template(request)
        if assignment.mayHaveDied,
            let finding = wire.look(
                isRepeatable: template.isIdempotent && !template.hasStreamedBody, hasAskedKernel: hasAskedKernel)
        {
            return report(.foundDead(id, finding))
        }
        if assignment.isRetry { observer?.retried(on: id) }
        let exchange = template.isForExchange ? pending.exchange(request) : nil
        // The answer to our own `Connection: close` says nothing of the server; where all say it there is no other.
        let isEcho = sendClose && isReused
        let wantsHead = wantsHeads && !isEcho && endpoints[template.host.index].heads.isWanted
        let bytes = wire.write(template, sendClose: sendClose, for: exchange, wantsHead: wantsHead)
        report(.requestWritten(id, bytes: bytes, bodyFollows: template.hasStreamedBody || template.holdsBody))
        exchange?.wasWritten(to: wire, isReused: isReused)
    }

    // MARK: Time

    private func armTimer() {
        timer?.cancel()
        let deadline = storage.pointee.earliestDeadline()
        armedFor = deadline
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: NIODeadline(deadline)) { [weak self] in
            self?.timerFired()
        }
    }

    /// The loop polls once more before it judges: an answer in the kernel's buffer is no timeout, and a connection that
    /// is there needs no second attempt. A loop that was held up would otherwise find a limit passed before it has seen
    /// what came meanwhile. So what is judged is what was due before that poll.
    private func timerFired() {
        let due = clock.now
        poll.afterPoll { [weak self] in self?.judge(due) }
    }

    private func judge(_ due: Moment) {
        poller?.sweep()
        flushEndedExchanges()
        armedFor = .never
        if due >= suspensions.nextLookAt { lookAround(due) }
        machine.tick(due)
        performEffects()
    }

    // MARK: The end

    /// Lets active and queued requests finish, then closes everything; new requests fail.
    package func drain() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        drainWaiters.append(promise)
        if machine.mode == .stopped { finishDrain() } else { send(.drainBegan) }
        return promise.futureResult
    }

    /// Fails every request once and closes everything.
    package func shutdown() {
        send(.shutdownBegan)
        endTurn()
        names.close()
    }

    private func finishDrain() {
        for promise in drainWaiters { promise.succeed() }
        drainWaiters = []
        observer?.finish()
        observer = nil
        timer?.cancel()
        poll.close()
        poller?.close()
        names.close()
    }

    /// Everything that can be seen now. Where connections are asked for, the next head is kept for the next snapshot.
    package func snapshot(wallClock: Double, socketsFor: Set<Int>, process: ProcessSnapshot) -> AgentSnapshot {
        let now = clock.now
        if now >= suspensions.nextLookAt {
            lookAround(now)
            if !isPerforming { performEffects() }
        }
        var snapshot = machine.snapshot(now: now, wallClock: wallClock, socketsFor: socketsFor, process: process)
        names.describe(&snapshot)
        for host in endpoints.indices where socketsFor.contains(host) {
            snapshot.hosts[host].head = endpoints[host].heads.snapshot(now)
            endpoints[host].heads.isWanted = true
            wantsHeads = true
        }
        return snapshot
    }

    func headSeen(_ status: Int, _ fields: HeadFields, on id: ConnectionID) {
        guard let host = storage.pointee.host(of: id) else { return }
        endpoints[host.index].heads.seen(status, fields, clock.now)
        wantsHeads = endpoints.contains { $0.heads.isWanted }
    }
}
