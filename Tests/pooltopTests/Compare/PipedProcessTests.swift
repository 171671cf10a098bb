import Testing

@testable import Sessions

@Suite struct PipedProcessTests {
    private enum Word: Equatable, Sendable {
        case output(String), error(String), end(Int32)
    }

    private func words(of process: PipedProcess) -> AsyncStream<Word> {
        let (stream, continuation) = AsyncStream.makeStream(of: Word.self)
        process.watch {
            continuation.yield(.output(String(decoding: $0, as: UTF8.self)))
        } onError: {
            continuation.yield(.error(String(decoding: $0, as: UTF8.self)))
        } onEnd: {
            continuation.yield(.end($0))
        }
        return stream
    }

    @Test("A program reads what is written to it, and what it prints and its exit status arrive, the status last")
    func conversation() async throws {
        let process = try PipedProcess("/bin/sh", ["-c", "read -r word; echo \"got $word\"; echo bad >&2; exit 3"])
        try process.write(Array("this\n".utf8))
        var (output, errors, status) = ("", "", Int32?.none)
        var outputEnded = false
        for await word in words(of: process) {
            switch word {
            case .output(""): outputEnded = true
            case .output(let text): output += text
            case .error(let text):
                #expect(status == nil)
                errors += text
            case .end(let code): status = code
            }
            if status != nil, outputEnded { break }
        }
        #expect(output == "got this\n" && errors == "bad\n" && status == 3)
    }

    @Test("A program whose input is closed ends by itself, and one that a signal ends tells which")
    func ends() async throws {
        let reader = try PipedProcess("/bin/cat", [])
        reader.closeInput()
        let killed = try PipedProcess("/bin/sh", ["-c", "kill -TERM $$"])
        for (process, expected) in [(reader, Int32(0)), (killed, 15)] {
            for await case .end(let status) in words(of: process) {
                #expect(status == expected)
                break
            }
        }
    }

    @Test("A program that is not there cannot be started, and the reason says so")
    func missing() {
        let failure = #expect(throws: PipedProcess.Failure.self) { try PipedProcess("/nowhere/node", []) }
        #expect(failure?.problem == "No such file or directory")
    }
}
