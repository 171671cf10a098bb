import CLinux
import Glibc
import WatchCore

/// A private instance of the kernel's trace (`Documentation/trace/ftrace.rst`, instances) with one event, filtered in the
/// kernel. It needs root, and is not there where the kernel is locked down. Used by one thread at a time.
final class TraceInstance {
    private let files: [CInt]
    private let format: TraceFormat
    private var join = TraceJoin()
    private let page: UnsafeMutableRawBufferPointer

    private static let mounts = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]
    private static let prefix = "pooltop-"
    private static let event = "events/sock/inet_sock_set_state"
    /// The kernel gives whole pages, whose size may be set; none is larger.
    private static let pageLimit = 1 << 16

    /// nil: the kernel's trace cannot be used here.
    init?(port: Int?, _ proc: ProcFiles) {
        let mount = Self.mounts.first { access("\($0)/instances", W_OK) == 0 }
        guard let mount, let event = proc.read("\(mount)/\(Self.event)/format"),
            let header = proc.read("\(mount)/events/header_page").map(Array.init),
            let format = TraceFormat(event: event, page: header)
        else { return nil }
        self.format = format
        let instances = "\(mount)/instances"
        Self.removeLeftovers(in: instances)
        let path = "\(instances)/\(Self.prefix)\(getpid())"
        guard mkdir(path, 0o700) == 0 else { return nil }
        var files: [CInt] = []
        // A number of a CPU that is off may be missing among them.
        for cpu in 0..<max(1, sysconf(CInt(_SC_NPROCESSORS_CONF))) where files.count < PT_KEPT_OPEN_MAX {
            let file = open("\(path)/per_cpu/cpu\(cpu)/trace_pipe_raw", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            if file >= 0 { files.append(file) }
        }
        self.files = files
        page = .allocate(byteCount: Self.pageLimit, alignment: 16)
        pt_remove_at_end(path, files, CInt(files.count))
        guard !files.isEmpty, Self.write(Self.filter(port: port), to: "\(path)/\(Self.event)/filter"),
            Self.write("1", to: "\(path)/\(Self.event)/enable")
        else {
            // The deinitialiser removes it.
            return nil
        }
    }

    deinit {
        remove()
        page.deallocate()
    }

    /// Nothing can be read afterwards.
    func remove() { pt_remove_now() }

    /// Openings, their answers, and how connections end. Anything else would only cost time.
    private static func filter(port: Int?) -> String {
        let changes = "protocol == 6 && (newstate == 2 || oldstate == 2 || oldstate == 1)"
        return port.map { "\(changes) && dport == \($0)" } ?? changes
    }

    /// An instance of a process that was killed stays in the kernel.
    private static func removeLeftovers(in instances: String) {
        guard let directory = opendir(instances) else { return }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                names.append(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
            }
        }
        for name in names where name.hasPrefix(prefix) {
            guard let pid = pid_t(name.dropFirst(prefix.count)), kill(pid, 0) != 0, errno == ESRCH else { continue }
            rmdir("\(instances)/\(name)")
        }
    }

    private static func write(_ text: String, to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return Glibc.write(file, text, text.utf8.count) == text.utf8.count
    }

    /// All changes since the last time, without waiting. The `pid` of each is that of a thread.
    func read() -> [TracedChange] {
        var events: [TraceEvent] = []
        for file in files {
            while true {
                let count = Glibc.read(file, page.baseAddress, page.count)
                guard count > 0 else { break }
                _ = TracePage.parse(UnsafeRawBufferPointer(rebasing: page[..<count]).bytes, format) {
                    events.append($0)
                }
            }
        }
        return events.isEmpty ? [] : join.take(events)
    }
}
