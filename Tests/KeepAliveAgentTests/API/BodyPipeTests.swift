import KeepAliveAgent
import Testing

@Suite("The pipe for response bodies")
struct BodyPipeTests {
    private static let part = ByteBuffer(repeating: 0, count: 16 * 1024)

    /// The parts that the reader takes until there are no more, and how often it tells the loop to go on.
    private static func drain(_ pipe: BodyPipe) -> (parts: Int, resumes: Int) {
        var (parts, resumes) = (0, 0)
        while case .part(_, let resumesLoop) = pipe.take() {
            parts += 1
            if resumesLoop { resumes += 1 }
        }
        return (parts, resumes)
    }

    @Test("The loop stops at 64 KiB and is told once to continue")
    func pause() {
        let pipe = BodyPipe()
        for index in 1...6 { #expect(pipe.append(Self.part) == (index >= 4)) }
        #expect(pipe.waitingBytes == 6 * 16 * 1024)
        let (parts, resumes) = Self.drain(pipe)
        #expect(parts == 6)
        #expect(resumes == 1)
        #expect(!pipe.append(Self.part))
    }

    // The loop: four parts, told to stop. The reader: takes two. The loop: one more read that was under way, which finds
    // less than 64 KiB. The reader must still tell it to go on.
    @Test("A read in progress does not undo the stop")
    func lateRead() {
        let pipe = BodyPipe()
        for _ in 0..<4 { _ = pipe.append(Self.part) }
        for _ in 0..<2 { _ = pipe.take() }
        #expect(pipe.append(Self.part))
        #expect(Self.drain(pipe).resumes == 1)
    }

    @Test("Unread chunks of one byte are combined into few buffers")
    func joined() {
        let pipe = BodyPipe()
        for index in 0..<60_000 { _ = pipe.append(ByteBuffer(bytes: [UInt8(truncatingIfNeeded: index)])) }
        #expect(pipe.waitingBytes == 60_000)
        var (parts, bytes) = (0, ByteBuffer())
        while case .part(.success(let part?), _) = pipe.take() {
            parts += 1
            bytes.writeImmutableBuffer(part)
        }
        #expect(parts <= 5)
        #expect(bytes.readableBytesView.elementsEqual((0..<60_000).map { UInt8(truncatingIfNeeded: $0) }))
    }

    @Test("A failure is reported after the parts that arrived before it")
    func failure() throws {
        let pipe = BodyPipe()
        _ = pipe.append(Self.part)
        pipe.end(.failed(AgentError(cause: .peerReset)))
        guard case .part(.success, _) = pipe.take(), case .part(.failure(let error), _) = pipe.take() else {
            Issue.record("the part comes first, then the failure")
            return
        }
        #expect(error.cause == .peerReset)
    }
}
