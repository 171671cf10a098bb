import Glibc

/// Where agents listen: a directory that only the user may enter, with a socket for each.
package enum AttachPlaces {
    /// The directory of this user's agents.
    package static func directory(_ environment: [String: String], user: UInt32 = geteuid()) -> String {
        if let own = environment["POOLTOP_ATTACH_DIR"], !own.isEmpty { return own }
        if let runtime = environment["XDG_RUNTIME_DIR"], !runtime.isEmpty { return "\(runtime)/pooltop" }
        return "/tmp/pooltop-\(user)"
    }

    /// The socket of an agent, by its file's name.
    package struct Place: Sendable, Equatable {
        package var path: String
        /// `node` or `swift`.
        package var runtime: String
        package var pid: Int
        /// 0: the main thread.
        package var thread: Int

        /// Reads `node-4711.sock` or `node-4711-2.sock`; nil: the file is something else.
        package init?(name: String, in directory: String) {
            guard name.hasSuffix(".sock") else { return nil }
            let parts = name.dropLast(5).split(separator: "-", omittingEmptySubsequences: false)
            guard (2...3).contains(parts.count), !parts[0].isEmpty, let pid = Int(parts[1]), pid > 0,
                let thread = parts.count == 3 ? Int(parts[2]) : 0, thread >= 0
            else { return nil }
            path = "\(directory)/\(name)"
            runtime = String(parts[0])
            self.pid = pid
            self.thread = thread
        }

        /// False: the process was killed, and has left its socket behind.
        var isAlive: Bool { kill(pid_t(clamping: pid), 0) == 0 || errno == EPERM }
    }

    /// The sockets of agents whose process runs, by process and thread.
    package static func list(_ directory: String) -> [Place] { all(directory).filter(\.isAlive) }

    /// Removes the sockets that agents of this runtime left behind when their process was killed.
    package static func removeStale(_ directory: String, runtime: String) {
        for place in all(directory) where place.runtime == runtime && !place.isAlive { unlink(place.path) }
    }

    private static func all(_ directory: String) -> [Place] {
        guard let entries = opendir(directory) else { return [] }
        defer { closedir(entries) }
        var places: [Place] = []
        while let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let place = Place(name: name, in: directory) { places.append(place) }
        }
        return places.sorted { ($0.pid, $0.thread) < ($1.pid, $1.thread) }
    }
}
