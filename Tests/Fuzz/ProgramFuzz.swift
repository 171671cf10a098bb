import Foundation

/// `POOLTOP_FUZZ` says which of the program's readers is meant.
private let reader = ProcessInfo.processInfo.environment["POOLTOP_FUZZ"]

/// What libFuzzer calls with each of its inputs. Built by `.ci/fuzz` together with the program.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    let complaint =
        switch reader {
        case "keys": KeyFuzzInput(input).complaint()
        case "recordings": RecordingFuzzInput(input).complaint()
        case "config": ConfigFuzzInput(input).complaint()
        default: FlightFuzzInput(input).complaint()
        }
    if let complaint { fatalError(complaint) }
    return 0
}
