import Testing
import Watch
import WatchCore

@testable import SessionConfig

/// The processes that a person names, among those that run.
@Suite struct ProcessSelectionTests {
    private static let processes = [
        ProcessFacts(pid: 1, parent: 0, command: "/sbin/init", name: "init", userName: "root", isReadable: false),
        ProcessFacts(pid: 100, command: "node --inspect /srv/app.js", name: "MainThread", userName: "ann"),
        ProcessFacts(pid: 101, parent: 100, command: "/usr/bin/node /srv/app.js", name: "node", userName: "ann"),
        ProcessFacts(pid: 200, command: "java -jar shop.jar", name: "java", userName: "ann"),
        ProcessFacts(pid: 300, command: "nginx: worker process", name: "nginx", userName: "www", isReadable: false),
        ProcessFacts(pid: 301, command: "nginx: worker process", name: "nginx", userName: "www", isReadable: false),
        ProcessFacts(pid: 400, command: "agent", name: "agent", userName: "ann", isReadable: false),
        ProcessFacts(pid: 500, command: "pooltop watch node", name: "pooltop", userName: "ann"),
    ]

    private func select(
        _ words: String..., among processes: [ProcessFacts] = processes
    ) throws -> ProcessSelection {
        try ProcessSelection(try words.map(WatchText.process), among: processes, own: 500, userName: "ann")
    }

    private func problem(_ words: String..., among processes: [ProcessFacts] = processes) -> String? {
        do {
            _ = try ProcessSelection(try words.map(WatchText.process), among: processes, own: 500, userName: "ann")
            return nil
        } catch let error as WatchError {
            return error.description
        } catch {
            return "\(error)"
        }
    }

    @Test("Nothing named is everything")
    func nothing() throws {
        let selection = try select()
        #expect(selection.scope == .all && selection.description == "all processes")
    }

    @Test("A process id is that process; several are one service")
    func pids() throws {
        #expect(try select("200").scope == .processes([200]))
        #expect(try select("200").description == "java (pid 200)")
        #expect(try select("200", "100").scope == .processes([200, 100]))
        #expect(try select("200", "node").scope == .processes([200, 100, 101]))
        #expect(try select("200", "node").description == "java, node (3 processes)")
    }

    @Test("A name alone is looked for as long as it is watched", arguments: ["node", "app.js", "java", "MainThread"])
    func names(name: String) throws {
        #expect(try select(name).scope == .named(name))
    }

    @Test("A name is the short name, the program or its script, and no option")
    func whatANameMeans() {
        let names = Self.processes.map(\.names)
        #expect(names[1] == ["MainThread", "node", "app.js"])
        #expect(names[3] == ["java", "java", "shop.jar"])
        #expect(names[4] == ["nginx", "nginx"])
        let long = ProcessFacts(pid: 9, command: "", name: "a-very-long-nam")
        #expect(long.isNamed("a-very-long-name-indeed") && !long.isNamed("a-very-long"))
        #expect(ProcessFacts(pid: 9, command: "-bash", name: "bash").names == ["bash", "bash"])
    }

    @Test("A process that is not there is one line")
    func missing() {
        #expect(problem("4711") == "no process 4711")
        #expect(problem("ruby") == "no process is named 'ruby'")
        #expect(problem("nodee") == "no process is named 'nodee'; did you mean 'node'?")
        #expect(problem("pooltop") == "no process is named 'pooltop'")
    }

    @Test("A process of another user is one line that says what would make it readable")
    func unreadable() {
        let all = "; --all shows the connections of everybody without saying whose they are"
        #expect(
            problem("1")
                == "process 1 is of user root, whose files ann may not look into: run `sudo pooltop watch 1`, or as that user"
                + all)
        #expect(
            problem("nginx")
                == "process 300 (and 1 more of that name) is of user www, whose files ann may not look into: run"
                + " `sudo pooltop watch 300`, or as that user" + all)
        #expect(
            problem("400")?.hasPrefix("process 400 may not be looked into even by its own user ann: run `sudo") == true)
    }

    @Test("Forty processes of one name are refused, unless they are one family")
    func forty() throws {
        let forty = (1...40).map { ProcessFacts(pid: 1000 + $0, command: "node w.js", name: "node", userName: "ann") }
        #expect(
            problem("node", among: forty)
                == "'node' names 40 processes that do not belong together (1001, 1002, 1003, …); give the ids of those that"
                + " do, or --all")
        let family = forty.map { worker in
            var worker = worker
            worker.parent = 1001
            return worker
        }
        #expect(try select("node", among: family).description == "node (40 processes)")
    }
}
