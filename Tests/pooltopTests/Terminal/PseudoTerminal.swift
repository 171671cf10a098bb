import Foundation
import Glibc
import Synchronization

/// A terminal without a screen: what a test writes is typed, what the program draws is kept.
final class PseudoTerminal: Sendable {
    let master: Int32
    let slave: Int32
    private let received = Mutex<[UInt8]>([])
    private let masterIsOpen = Mutex(true)

    /// As posix_openpt, unlockpt and ptsname do, which this C library's module does not show.
    init(width: Int = 80, height: Int = 24) throws {
        let tellNumber = UInt(0x8004_5430)  // TIOCGPTN
        let setLock = UInt(0x4004_5431)  // TIOCSPTLCK
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var number: Int32 = 0
        var lock: Int32 = 0
        guard master >= 0, ioctl(master, setLock, &lock) == 0, ioctl(master, tellNumber, &number) == 0 else {
            throw POSIXError(.ENODEV)
        }
        slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard slave >= 0 else { throw POSIXError(.ENODEV) }
        resize(width: width, height: height)
    }

    deinit {
        hangUp()
        close(slave)
    }

    func resize(width: Int, height: Int) {
        var size = winsize(ws_row: UInt16(height), ws_col: UInt16(width), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    func hangUp() {
        masterIsOpen.withLock { isOpen in
            if isOpen { close(master) }
            isOpen = false
        }
    }

    /// The output since the previous call. Data written to a terminal can be read from it at once.
    func output() -> String {
        var bytes = received.withLock { kept in
            defer { kept = [] }
            return kept
        }
        while let more = readOnce(milliseconds: 0) { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Answers, on a thread of its own, as soon as the question is seen.
    func answer(_ question: String, with reply: String) {
        let thread = Thread {
            while let more = self.readOnce(milliseconds: 5000) {
                let seen = self.received.withLock { kept in
                    kept += more
                    return String(decoding: kept, as: UTF8.self)
                }
                if seen.contains(question) { return self.type(reply) }
            }
        }
        thread.start()
    }

    func modes() -> termios {
        var modes = termios()
        tcgetattr(slave, &modes)
        return modes
    }

    private func readOnce(milliseconds: Int32) -> [UInt8]? {
        var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, milliseconds) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = read(master, &buffer, buffer.count)
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }
}
