/// libFuzzer calls this with each of its inputs. `.ci/fuzz` builds it together with the readers of URLs and authorities.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = URLFuzzInput(UnsafeBufferPointer(start: start, count: count))
    if let complaint = input.complaint() { fatalError(complaint) }
    return 0
}
