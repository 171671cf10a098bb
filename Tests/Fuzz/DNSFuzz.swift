/// libFuzzer calls this with each of its inputs. `.ci/fuzz` builds it together with the decoder.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = DNSFuzzInput(UnsafeBufferPointer(start: start, count: count))
    if let complaint = input.complaint() { fatalError(complaint) }
    return 0
}
