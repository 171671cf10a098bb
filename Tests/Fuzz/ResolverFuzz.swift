/// libFuzzer calls this with each of its inputs. `.ci/fuzz` builds it together with the reader of resolv.conf and hosts.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = ResolverFuzzInput(UnsafeBufferPointer(start: start, count: count))
    if let complaint = input.complaint() { fatalError(complaint) }
    return 0
}
