/// libFuzzer calls this with each of its inputs. `.ci/fuzz` builds it together with the parser and the tests' harness.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    if let complaint = FuzzInput(UnsafeBufferPointer(start: start, count: count)).complaint() { fatalError(complaint) }
    return 0
}
