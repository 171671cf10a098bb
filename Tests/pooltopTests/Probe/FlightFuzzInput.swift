import NIOCore
import TLSWire

@testable import Prober

/// One input of a fuzzer: a byte that says how the stream is cut, and what a TLS server sends.
struct FlightFuzzInput {
    private let bytes: [UInt8]
    /// The reads are this long.
    private let stride: Int

    init(_ input: some Collection<UInt8>) {
        stride = Int((input.first ?? 0) % 64) + 1
        bytes = Array(input.dropFirst())
    }

    /// The error found in the reader of records or of the flight; nil if there is none.
    func complaint() -> String? {
        let (whole, rest) = records(stride: max(bytes.count, 1))
        guard records(stride: stride) == (whole, rest) else { return "reads of \(stride) differ: \(bytes)" }
        guard whole.flatMap({ $0 }) + rest == bytes else { return "bytes got lost: \(bytes)" }
        var (flight, fragmented) = (ServerFlight(), ServerFlight())
        var hadHello = false
        for record in whole {
            flight.read(record: record)
            if hadHello && flight.hello == nil { return "a hello was forgotten: \(bytes)" }
            hadHello = flight.hello != nil
            // RFC 8446 §5.1: a message may be cut into records anywhere.
            let body = Array(record.dropFirst(5))
            for start in Swift.stride(from: 0, to: body.count, by: stride) {
                fragmented.read(record: Array(record.prefix(5)) + body[start..<min(start + stride, body.count)])
            }
        }
        guard flight == fragmented else { return "fragments of \(stride) differ: \(bytes)" }
        _ = flight.offersResumptionInTheClear
        if let hello = flight.hello { _ = TLSNames.version(hello.version) + TLSNames.cipher(hello.cipher) }
        return nil
    }

    private func records(stride: Int) -> (records: [[UInt8]], rest: [UInt8]) {
        var reader = TLSRecords()
        var found: [[UInt8]] = []
        for start in Swift.stride(from: 0, to: bytes.count, by: stride) {
            var part = ByteBuffer(bytes: bytes[start..<min(start + stride, bytes.count)])
            reader.append(&part)
            while let record = reader.next() { found.append(Array(record.readableBytesView)) }
        }
        return (found, Array(reader.rest.readableBytesView))
    }
}
