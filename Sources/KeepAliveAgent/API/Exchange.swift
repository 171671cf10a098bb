import AgentCore
import HTTP1
import NIOCore

/// One request of the async surface and its response, on the loop. It wants the head and the body that the wire
/// otherwise drops.
///
/// A response that arrives whole in one read is handed over whole: no pipe is made for its body. Otherwise the caller
/// gets the head when the read that brought it has been used up, and the rest through a pipe.
///
/// The continuation is resumed in `answer` only. The exchange ends in `requestEnded` only, once.
package final class Exchange {
    private let agent: HTTPAgent
    private let loop: LoopAgent
    private let slot: ExchangeSlot
    private let startedAt: Moment
    private var continuation: Answers.Answer?
    /// nil before the request was given to the loop's agent, and after its end: the id may be another's by then.
    private var request: RequestID?
    private var hasEnded = false
    private weak var wire: Wire?

    private var assignedAt = Moment.zero
    private var headAt = Moment.zero
    private var isReused = false
    private var head: ResponseHead?
    private var fields = HeadFields()
    private var trailers = HeadFields()
    /// Bytes of the body so far.
    private var received = 0
    /// The body as long as no pipe takes it.
    private var kept = ByteBuffer()
    private var pipe: BodyPipe?
    private var pausesReading = false

    private let stream: AgentRequestBody.Stream?
    private var upload = UploadState.none

    /// none → running (the head was written) → ended.
    private enum UploadState {
        case none
        case running(task: Task<Void, Never>, sent: Int, waiter: CheckedContinuation<Bool, Never>?)
        case ended
    }
    /// What is wrong with the request, if that is why it fails.
    private var problem: String?

    init(_ arrival: Inbox.Arrival, loop: LoopAgent) {
        agent = arrival.agent
        self.loop = loop
        slot = arrival.slot
        continuation = arrival.continuation
        stream = arrival.request.stream
        startedAt = loop.now
    }

    func start(_ template: RequestTemplate) {
        let id = loop.start(template, sink: .exchange(self), plannedAt: startedAt)
        if !hasEnded { request = id }
    }

    // MARK: The wire's side

    func wasWritten(to wire: Wire, isReused: Bool) {
        self.wire = wire
        self.isReused = isReused
        assignedAt = loop.now
        beginUpload()
    }

    func received(_ head: ResponseHead, _ fields: HeadFields) {
        self.head = head
        self.fields = fields
        headAt = loop.now
    }

    /// A part of the body. The bytes are copied: the loop reads the next into the same place.
    func received(_ bytes: UnsafeRawBufferPointer) {
        received += bytes.count
        if let pipe {
            if pipe.append(ByteBuffer(bytes: bytes)) { pausesReading = true }
        } else {
            kept.writeBytes(bytes)
        }
    }

    func received(trailers: HeadFields) { self.trailers = trailers }

    /// All bytes of a read were used up and the response goes on. True: read no further until the reader catches up.
    func readEnded() -> Bool {
        if let head, pipe == nil {
            let pipe = BodyPipe()
            if kept.readableBytes > 0 { _ = pipe.append(kept) }
            kept = ByteBuffer()
            self.pipe = pipe
            answer(.success(response(head, .pipe(BodyReader(pipe, slot: slot, agent: agent)))))
        }
        defer { pausesReading = false }
        return pausesReading
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
            case .exact(let count): count - received <= Wire.drainLimit
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
        hasEnded = true
        request = nil
        slot.end()
        endUpload()
        wire?.release(self)
        wire = nil
        switch outcome {
        case .succeeded: succeeded()
        case .failed(var error):
            if let problem, error.cause == .invalidRequest { error.detail = problem }
            failed(error)
        case .cancelled:
            failed(AgentError(cause: .cancelled, waitedSeconds: (loop.now - startedAt).asSeconds))
        }
    }

    private func succeeded() {
        if let pipe { return pipe.end(.complete(trailers: trailers)) }
        guard let head else { preconditionFailure("a response without a head") }
        answer(.success(response(head, .whole(kept, trailers: trailers))))
    }

    private func failed(_ error: AgentError) {
        if let pipe { pipe.end(.failed(error)) } else { answer(.failure(error)) }
    }

    private func answer(_ result: Result<AgentResponse, AgentError>) {
        guard let continuation else { preconditionFailure("a request was answered twice") }
        self.continuation = nil
        loop.answer(continuation, result)
    }

    private func response(_ head: ResponseHead, _ body: AgentResponseBody.Storage) -> AgentResponse {
        AgentResponse(
            code: head.status, fields: fields, body: AgentResponseBody(body), isReused: isReused,
            timings: AgentTimings(queueWait: assignedAt - startedAt, firstByte: headAt - assignedAt))
    }
}

// MARK: The request's body

extension Exchange {
    /// Whether the request's body is still to be sent, whole or in part.
    var isUploading: Bool {
        if case .running = upload { true } else { false }
    }

    private func beginUpload() {
        guard let stream else { return }
        let upload = Upload(slot: slot)
        // The one task that the agent makes for a request: nothing else can ask the sequence for the next part.
        let task = Task { await stream.pump(upload) }
        self.upload = .running(task: task, sent: 0, waiter: nil)
    }

    func upload(_ part: ByteBuffer, _ waiter: CheckedContinuation<Bool, Never>) {
        guard case .running(let task, var sent, _) = upload, let wire, let stream else {
            return waiter.resume(returning: false)
        }
        sent += part.readableBytes
        if let length = stream.length, sent > length {
            waiter.resume(returning: false)
            return uploadFailed("The request's body is longer than the \(length) bytes declared.")
        }
        let isWritableAfter: Bool
        if stream.length == nil {
            var chunk = ByteBuffer(bytes: ChunkedWriter.prefix(part.readableBytes))
            chunk.writeImmutableBuffer(part)
            chunk.writeBytes(ChunkedWriter.chunkEnd)
            wire.writeBody(chunk, isLast: false)
        } else {
            wire.writeBody(part, isLast: false)
        }
        isWritableAfter = wire.isWritable
        // Writing may have found the connection dead, and ended this exchange.
        guard case .running = upload else { return waiter.resume(returning: false) }
        upload = .running(task: task, sent: sent, waiter: isWritableAfter ? nil : waiter)
        if isWritableAfter { waiter.resume(returning: true) }
    }

    func becameWritable() {
        guard case .running(let task, let sent, let waiter?) = upload else { return }
        upload = .running(task: task, sent: sent, waiter: nil)
        waiter.resume(returning: true)
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
        guard case .running(let task, _, let waiter) = upload else { return }
        upload = .ended
        task.cancel()
        waiter?.resume(returning: false)
    }
}
