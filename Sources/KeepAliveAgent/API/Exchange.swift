import AgentCore
import HTTP1
import NIOCore
import PoolModel

/// One request of the async surface and its response, on the loop. It wants the head and the body that the wire
/// otherwise drops.
///
/// A response that arrives whole in one read is handed over whole: no pipe is made for its body. Otherwise the caller
/// gets the head when the read that brought it has been used up, and the rest through a pipe.
///
/// The continuation is resumed in `answer` only. The exchange ends in `requestEnded` only, once.
final class Exchange: ExchangeReceiver {
    /// Held, as `BodyReader` says.
    private let agent: any AnyObject & Sendable
    private let loop: LoopAgent
    private let answers: Answers
    private let slot: ExchangeSlot
    private let startedAt: Moment
    private var continuation: Answers.Answer?
    /// nil before the request was given to the loop's agent, and after its end: the id may be another's by then.
    private var request: RequestID?
    private var hasEnded = false
    private weak var wire: HTTP1Connection?

    private var assignedAt = Moment.zero
    private var headAt = Moment.zero
    private var isReused = false
    private var head: ResponseHead?
    private var fields = HeadFields()
    private var trailers = HeadFields()
    /// Bytes of the body so far.
    private var received = 0
    /// Bytes of the body that were not handed to its reader: those of the read in progress, and all as long as there is
    /// no pipe. The chunks of a read are one part, however small they are.
    private var kept = ByteBuffer()
    private var pipe: BodyPipe?

    private let stream: AgentRequestBody.Stream?
    /// A body that waits for 100 (Continue), and comes whole.
    private let heldBytes: ByteBuffer?
    private let holdsBody: Bool
    private var upload = UploadState.none

    /// Each case names those that may follow; each but `ended` may also be followed by itself, when the request is written
    /// once more.
    private enum UploadState {
        /// → held, running, ended
        case none
        /// The head was written; the body waits for 100 (Continue), or until the timer says that it has waited long
        /// enough → running, ended, withheld
        case held(timer: Scheduled<Void>)
        /// A final response came first: the body stays here → ended
        case withheld
        /// → ended
        case running(task: Task<Void, Never>, sent: Int, waiter: Upload.Waiter?)
        case ended
    }

    /// How long a body waits for 100 (Continue). Many servers never say it (RFC 9110 §10.1.1); curl waits as long.
    private static let continueLimit = TimeAmount.seconds(1)
    /// A sentence about an error in the request, if that is why it fails.
    private var problem: String?

    init(_ arrival: Inbox.Arrival, loop: LoopAgent, answers: Answers) {
        agent = arrival.agent
        self.loop = loop
        self.answers = answers
        slot = arrival.slot
        continuation = arrival.continuation
        stream = arrival.request.stream
        holdsBody = arrival.request.holdsBody
        heldBytes = holdsBody ? arrival.request.body : nil
        startedAt = loop.now
    }

    func start(_ template: RequestTemplate) {
        let id = loop.start(template, sink: .exchange(self), plannedAt: startedAt)
        if !hasEnded { request = id }
    }

    // MARK: The wire's side

    func wasWritten(to wire: HTTP1Connection, isReused: Bool) {
        self.wire = wire
        self.isReused = isReused
        assignedAt = loop.now
        if holdsBody { hold() } else { beginUpload() }
    }

    /// A 1xx response.
    func receivedInformational(_ status: Int) {
        if status == 100 { releaseBody() }
    }

    func received(_ head: ResponseHead, _ fields: HeadFields) {
        withholdBody()
        self.head = head
        self.fields = fields
        headAt = loop.now
    }

    /// A part of the body. The bytes are copied: the loop reads the next into the same place.
    func received(_ bytes: UnsafeRawBufferPointer) {
        received += bytes.count
        kept.writeBytes(bytes)
    }

    func received(trailers: HeadFields) { self.trailers = trailers }

    /// All bytes of a read were used up and the response goes on. True: read no further until the reader catches up.
    func readEnded() -> Bool {
        guard let head else { return false }
        if let pipe { return handOver(to: pipe) }
        let pipe = BodyPipe()
        self.pipe = pipe
        let mustPause = handOver(to: pipe)
        answer(.success(response(head, .pipe(BodyReader(pipe, slot: slot, agent: agent)))))
        return mustPause
    }

    private func handOver(to pipe: BodyPipe) -> Bool {
        guard kept.readableBytes > 0 else { return false }
        let part = kept
        kept = ByteBuffer()
        return pipe.append(part)
    }

    // MARK: The caller's side

    func cancel() {
        guard let request else { return }
        loop.cancel(request)
    }

    func resumeReading() { wire?.resumeReading() }

    /// The caller has dropped the body before its end.
    func abandonBody() {
        guard !hasEnded, let head, let wire else { return }
        let canDrain =
            switch head.bodyLength {
            case .none, .chunked: true
            case .exact(let count): count - received <= HTTP1Connection.drainLimit
            case .untilClose: false
            }
        wire.abandonBody(canDrain: canDrain && head.persistence == .reusable && !isUploading)
    }

    /// The body is larger than its reader takes.
    func refuseBody() {
        guard !hasEnded else { return }
        wire?.fail(.bodyTooLarge)
    }

    // MARK: The end

    func requestEnded(_ outcome: RequestOutcome) {
        let phase = phase
        hasEnded = true
        request = nil
        slot.end()
        endUpload()
        wire?.release(self)
        wire = nil
        switch outcome {
        case .succeeded: succeeded()
        case .failed(var error):
            if error.cause == .invalidRequest {
                // Where nothing is wrong with the body, the core has failed it because its host is not there any more.
                error.detail = problem ?? "Its origin has made room for another in the agent."
            }
            failed(error)
        case .cancelled: failed(slot.failure(.cancelled, phase, waited: loop.now - startedAt))
        }
    }

    private var phase: RequestPhase {
        if head != nil { return .readingBody }
        if wire == nil { return .queued }
        return isUploading ? .writing : .awaitingHead
    }

    private func succeeded() {
        if let pipe {
            _ = handOver(to: pipe)
            return pipe.end(.complete(trailers: trailers))
        }
        guard let head else { preconditionFailure("a response without a head") }
        answer(.success(response(head, .whole(kept, trailers: trailers, slot: slot))))
    }

    private func failed(_ error: AgentError) {
        guard let pipe else { return answer(.failure(error)) }
        _ = handOver(to: pipe)
        pipe.end(.failed(error))
    }

    private func answer(_ result: Result<AgentResponse, AgentError>) {
        guard let continuation else { preconditionFailure("a request was answered twice") }
        self.continuation = nil
        answers.add(continuation, result)
        loop.endTurnLater()
    }

    private func response(_ head: ResponseHead, _ body: AgentResponseBody.Storage) -> AgentResponse {
        AgentResponse(
            code: head.status, fields: fields, body: AgentResponseBody(body), isReused: isReused,
            timings: AgentTimings(queueWait: assignedAt - startedAt, firstByte: headAt - assignedAt),
            bodyWasWithheld: isWithheld)
    }
}

// MARK: The request's body

extension Exchange {
    /// Whether the request's body is still to be sent, whole or in part.
    var isUploading: Bool {
        switch upload {
        case .held, .withheld, .running: true
        case .none, .ended: false
        }
    }

    fileprivate var isWithheld: Bool { if case .withheld = upload { true } else { false } }

    // MARK: Expect: 100-continue

    fileprivate func hold() {
        endHold()
        let timer = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.continueLimit) { [weak self] () -> Void in
            self?.releaseBody()
        }
        upload = .held(timer: timer)
    }

    private func endHold() {
        if case .held(let timer) = upload { timer.cancel() }
    }

    fileprivate func releaseBody() {
        guard case .held = upload, let wire else { return }
        endHold()
        upload = .ended
        if let heldBytes { wire.writeBody(heldBytes, isLast: true) } else { beginUpload() }
    }

    /// A final response has come. Whether the server would still read the body is not known, so it is not sent, and the
    /// connection, on which it is due, carries no other request.
    fileprivate func withholdBody() {
        guard case .held = upload else { return }
        endHold()
        upload = .withheld
    }

    // MARK: Bodies that come in parts

    fileprivate func beginUpload() {
        guard let stream else { return }
        if stream.length == 0 {
            upload = .ended
            wire?.writeBody(ByteBuffer(), isLast: true)
            return
        }
        let upload = Upload(slot: slot)
        // The one task that the agent makes for a request: nothing else can ask the sequence for the next part.
        let task = Task { await stream.pump(upload) }
        self.upload = .running(task: task, sent: 0, waiter: nil)
    }

    func upload(_ part: ByteBuffer, _ waiter: Upload.Waiter) {
        guard case .running(let task, var sent, _) = upload, let wire, let stream else {
            return waiter.resume(returning: .stopped)
        }
        sent += part.readableBytes
        if let length = stream.length, sent > length {
            waiter.resume(returning: .stopped)
            return uploadFailed("The request's body is longer than the \(length) bytes declared.")
        }
        if sent == stream.length {
            // Before the response is seen, so that it is not taken for an early one while the sequence is asked for more.
            upload = .ended
            waiter.resume(returning: .complete)
            return wire.writeBody(part, isLast: true)
        }
        wire.writeBody(stream.length == nil ? Self.chunk(part) : part, isLast: false)
        let isWritableAfter = wire.isWritable
        // Writing may have found the connection dead, and ended this exchange.
        guard case .running = upload else { return waiter.resume(returning: .stopped) }
        upload = .running(task: task, sent: sent, waiter: isWritableAfter ? nil : waiter)
        if isWritableAfter { waiter.resume(returning: .more) }
    }

    private static func chunk(_ part: ByteBuffer) -> ByteBuffer {
        var chunk = ByteBuffer(bytes: ChunkedWriter.prefix(part.readableBytes))
        chunk.writeImmutableBuffer(part)
        chunk.writeBytes(ChunkedWriter.chunkEnd)
        return chunk
    }

    func becameWritable() {
        guard case .running(let task, let sent, let waiter?) = upload else { return }
        upload = .running(task: task, sent: sent, waiter: nil)
        waiter.resume(returning: .more)
    }

    func uploadEnded() {
        guard case .running(_, let sent, _) = upload, let wire, let stream else { return }
        if let length = stream.length, sent < length {
            return uploadFailed("The request's body ended after \(sent) of the \(length) bytes declared.")
        }
        upload = .ended
        wire.writeBody(ByteBuffer(bytes: stream.length == nil ? ChunkedWriter.lastChunk : []), isLast: true)
    }

    func uploadFailed(_ detail: String) {
        guard isUploading, let wire else { return }
        problem = detail
        wire.fail(.invalidRequest)
    }

    /// The exchange is over; what was not sent of the body never will be.
    private func endUpload() {
        endHold()
        guard case .running(let task, _, let waiter) = upload else { return }
        upload = .ended
        task.cancel()
        waiter?.resume(returning: .stopped)
    }
}
