/// libFuzzer calls this with each of its inputs. `.ci/fuzz` builds it together with the prober.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    if let complaint = FlightFuzzInput(input).complaint() { fatalError(complaint) }
    return 0
}
