import Dispatch
import Foundation

/// `POOLTOP_FUZZ` says which of the bundled servers' readers is meant.
private let isSessions = ProcessInfo.processInfo.environment["POOLTOP_FUZZ"] == "sessions"

/// libFuzzer calls this with each of its inputs. `.ci/fuzz` builds it together with the bundled servers.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    // A thread's stack on other systems; what descends once per line of input does not come back from there.
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
        let complaint = isSessions ? SessionFuzzInput(bytes).complaint() : RequestFuzzInput(bytes).complaint()
        if let complaint { fatalError(complaint) }
        done.signal()
    }
    thread.stackSize = 512 << 10
    thread.start()
    done.wait()
    return 0
}
