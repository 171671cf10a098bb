/// The open files of a process as they were at the latest looks. A file that stays the same is looked at rarely, so that a look at
/// a process costs little more than the list of its files.
struct FileTable {
    private struct File {
        /// 0: it is not a socket.
        var inode: UInt64
        /// The latest look at which it was there.
        var look: Int
        /// Looks at which it was the same.
        var times: Int
    }

    /// A file that was the same so often is looked at once in `rarely` looks.
    private static let steady = 3
    private static let rarely = 16

    private var files: [Int: File] = [:]
    private var looks = 0

    /// The inodes of the sockets that are there.
    var sockets: some Sequence<UInt64> { files.values.lazy.filter { $0.look == looks && $0.inode != 0 }.map(\.inode) }
    /// False: the process was not looked at yet.
    var isKnown: Bool { looks > 0 }

    mutating func begin() { looks += 1 }

    /// True where the file with this number is to be looked at; false where it is taken to be the same as before.
    mutating func isDue(_ number: Int) -> Bool {
        guard let file = files[number], file.look == looks - 1, file.times >= Self.steady else { return true }
        if (number + looks) % Self.rarely == 0 { return true }
        files[number]?.look = looks
        return false
    }

    /// Takes in what a file is. True where it is a socket that was not there before.
    mutating func note(_ number: Int, inode: UInt64) -> Bool {
        if let file = files[number], file.inode == inode {
            files[number] = File(inode: inode, look: looks, times: file.look == looks - 1 ? file.times + 1 : 1)
            return false
        }
        files[number] = File(inode: inode, look: looks, times: 1)
        return inode != 0
    }

    /// Numbers of files that are no longer there take room only while they are few.
    mutating func end() {
        if files.count > 1024 { files = files.filter { $0.value.look == looks } }
    }
}
