extension ProcessFacts {
    /// The kernel keeps no more of a short name (TASK_COMM_LEN).
    private static let shortLength = 15

    /// True where a person who names a program may mean this process: by its short name, by the file that runs, or by the
    /// script that an interpreter was given first (`node --inspect /srv/app.js` is `node` and `app.js`).
    package func isNamed(_ asked: String) -> Bool { names.contains { $0 == asked } || isShortName(of: asked) }

    /// The names that `isNamed` knows it by.
    package var names: [String] {
        let words = command.split(separator: " ")
        let program = words.first.map(Self.file)
        let script = words.dropFirst().first { !$0.hasPrefix("-") }.map(Self.file)
        var names = name.isEmpty ? [] : [name]
        if let program, !program.isEmpty { names.append(program) }
        // Without an ending it is more likely the value of an option.
        if let script, script.contains("."), !script.hasPrefix(".") { names.append(script) }
        return names
    }

    private func isShortName(of asked: String) -> Bool {
        asked.utf8.count > Self.shortLength && name.utf8.count == Self.shortLength && asked.hasPrefix(name)
    }

    /// Without folders. A title that a process gave itself (`nginx: worker process`) ends at its colon, and a login shell
    /// begins with a dash.
    private static func file(_ word: Substring) -> String {
        var file = word.split(separator: "/", omittingEmptySubsequences: false).last ?? word
        if file.hasSuffix(":") { file.removeLast() }
        if file.hasPrefix("-") { file.removeFirst() }
        return String(file)
    }
}
