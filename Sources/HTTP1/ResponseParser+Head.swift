// Heads and trailers: lines that end in CRLF, up to an empty one.

extension ResponseParser {
    /// Reads lines until the section or the input ends.
    mutating func readLines(_ input: RawSpan, _ offset: inout Int) -> ParserStep? {
        let start = offset
        let isTrailer = phase == .trailers
        var outcome = cutLine.isEmpty ? .taken : finishCutLine(input, &offset)
        if outcome == .taken { outcome = readWholeLines(input, &offset) }
        if keepsHead { keep(isTrailer, input, start..<offset) }
        switch outcome {
        case .taken, .cut:
            return .needMore
        case .endOfSection:
            guard isTrailer else { return finishHead() }
            phase = .complete
            return nil
        case .failed(let error):
            return fail(error)
        }
    }

    /// Reads lines that begin in the input.
    @inline(__always)
    private mutating func readWholeLines(_ input: RawSpan, _ offset: inout Int) -> HeadState.LineOutcome {
        let limit = min(input.byteCount, offset + (limits.headBytes - head.byteCount))
        let section = input.extracting(first: limit)
        while true {
            if phase != .statusLine {
                head.takeUsualFields(section, &offset, maxFields: limits.fields)
                if head.takeEmptyLine(section, &offset) { return .endOfSection }
            }
            switch section.scanLine(from: offset) {
            case .line(let end):
                let start = offset
                offset = end + 2
                let outcome = take(section, start, end)
                guard outcome == .taken else { return outcome }
            case .open:
                return cutLine(input, &offset, limit)
            case .fault(let error):
                cutLine.append(input, offset..<limit)
                return .failed(firstLineFault ?? error)
            }
        }
    }

    @inline(__always)
    private mutating func take(_ span: RawSpan, _ start: Int, _ end: Int) -> HeadState.LineOutcome {
        guard phase == .statusLine else {
            return head.takeField(span, start, end, maxFields: limits.fields)
        }
        phase = .fields
        return head.takeStatusLine(span, start, end)
    }

    /// Keeps the beginning of a line until the rest arrives. A line that cannot become a status line is refused at
    /// once, because a peer that speaks another protocol may never send a line end.
    @inline(never)
    private mutating func cutLine(_ input: RawSpan, _ offset: inout Int, _ limit: Int) -> HeadState.LineOutcome {
        cutLine.append(input, offset..<limit)
        offset = limit
        if let error = firstLineFault { return .failed(error) }
        return limit < input.byteCount ? .failed(.headTooLarge) : .cut
    }

    private var firstLineFault: FramingError? {
        phase == .statusLine && !HeadState.canBeginStatusLine(cutLine) ? .badStatusLine : nil
    }

    /// Looks in the input for the rest of the incomplete line.
    @inline(never)
    private mutating func finishCutLine(_ input: RawSpan, _ offset: inout Int) -> HeadState.LineOutcome {
        guard offset < input.byteCount else { return .cut }
        let limit = min(input.byteCount, offset + (limits.headBytes - head.byteCount - cutLine.count))
        guard offset < limit else { return cutLine(input, &offset, limit) }
        if cutLine.last == .carriageReturn {
            guard input[offset] == .lineFeed else { return .failed(.bareCarriageReturn) }
            cutLine.removeLast()
            offset += 1
        } else {
            switch input.extracting(first: limit).scanLine(from: offset) {
            case .line(let end):
                cutLine.append(input, offset..<end)
                offset = end + 2
            case .open:
                return cutLine(input, &offset, limit)
            case .fault(let error):
                cutLine.append(input, offset..<limit)
                return .failed(firstLineFault ?? error)
            }
        }
        // Moved out and back, so that the line can be read while the parser is mutated.
        var line: [UInt8] = []
        swap(&line, &cutLine)
        let outcome = unsafe take(line.span.bytes, 0, line.count)
        line.removeAll(keepingCapacity: true)
        swap(&line, &cutLine)
        return outcome
    }

    @inline(never)
    private mutating func keep(_ isTrailer: Bool, _ input: RawSpan, _ range: Range<Int>) {
        if isTrailer {
            keptTrailers.bytes.append(input, range)
        } else {
            keptHead.bytes.append(input, range)
        }
    }

    /// Called when the head is complete: determines how the body is framed.
    @inline(__always)
    private mutating func finishHead() -> ParserStep {
        let status = head.status
        if status < 200, status != 101 { return finishInformational() }
        let length: BodyLength
        if status == 101 || (kind == .connect && status < 300) {
            length = .none
            persistence = .upgraded
        } else if kind == .head || status == 204 || status == 304 {
            length = .none
            persistence = persistence(suspect: head.codings.isPresent && head.minorVersion == 0, length)
        } else {
            if let error = head.framingFault { return fail(error) }
            length = head.bodyLength
            persistence = persistence(suspect: head.isSuspect, length)
        }
        expectBody(length)
        return .head(
            ResponseHead(
                status: status, minorVersion: head.minorVersion, bodyLength: length, persistence: persistence,
                keepAliveTimeoutSeconds: head.hint.timeoutSeconds, keepAliveMax: head.hint.max))
    }

    /// A `Connection: close` in a 1xx response is remembered, because RFC 9110 §7.6.1 makes no exception for it.
    private mutating func finishInformational() -> ParserStep {
        informationalCount += 1
        guard informationalCount <= limits.informational else { return fail(.tooManyInformational) }
        let status = head.status
        let hasClose = head.connection.hasClose
        head = HeadState()
        head.connection.hasClose = hasClose
        if !keptHead.bytes.isEmpty { forgetKept() }
        phase = .awaiting
        progress = .informational
        return .informational(status: status)
    }

    /// Tests the reasons in the order given at `Persistence`.
    private func persistence(suspect: Bool, _ length: BodyLength) -> Persistence {
        if suspect { return .suspectFraming }
        if head.connection.hasClose { return .closeHeader }
        if head.minorVersion == 0, !head.connection.hasKeepAlive { return .http10 }
        return length == .untilClose ? .untilClose : .reusable
    }

    private mutating func expectBody(_ length: BodyLength) {
        switch length {
        case .none, .exact(0):
            phase = .complete
        case .exact(let count):
            remaining = count
            phase = .exactBody
        case .untilClose:
            phase = .untilCloseBody
        case .chunked:
            chunkOverhead = 0
            expectChunkSize()
        }
    }
}
