import Foundation

/// `POOLTOP_FUZZ` says which of the program's readers is meant.
private let isKeys = ProcessInfo.processInfo.environment["POOLTOP_FUZZ"] == "keys"

/// What libFuzzer calls with each of its inputs. Built by `.ci/fuzz` together with the program.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    if let complaint = isKeys ? KeyFuzzInput(input).complaint() : FlightFuzzInput(input).complaint() {
        fatalError(complaint)
    }
    return 0
}
