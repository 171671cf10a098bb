import Foundation
import TestSupport

/// Programs of other makers that send requests to `http://127.0.0.1:PORT/`.
enum Client: String, CaseIterable, CustomStringConvertible {
    case node, python

    var description: String { rawValue }

    static func has(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    /// The command that sends `count` requests at an even rate, each after the one before.
    func arguments(port: Int, isReusing: Bool, perSecond: Int, count: Int) -> [String] {
        let values = ["\(port)", isReusing ? "1" : "", "\(perSecond)", "\(count)"]
        switch self {
        case .node: return ["node", "-e", Self.nodeScript, "--"] + values
        case .python: return ["python3", "-c", Self.pythonScript] + values
        }
    }

    /// Runs it to its end.
    func run(port: Int, isReusing: Bool, perSecond: Int, count: Int) async throws {
        let said = try await ChildProcess.output(
            of: "/usr/bin/env", arguments(port: port, isReusing: isReusing, perSecond: perSecond, count: count))
        guard said == "done\n" else { throw NeverCameTrue(description: "the client to be done; it said \(said)") }
    }

    private static let nodeScript = """
        const http = require('http');
        const [port, reuses, rate, count] = process.argv.slice(-4).map(Number);
        const agent = new http.Agent({keepAlive: reuses === 1});
        const began = performance.now();
        let sent = 0, done = 0;
        function send() {
            sent += 1;
            http.get({port, host: '127.0.0.1', agent}, (response) => {
                response.resume();
                response.on('end', () => {
                    done += 1;
                    if (done === count) setTimeout(() => { agent.destroy(); console.log('done'); }, 50);
                });
            });
        }
        const timer = setInterval(() => {
            const due = Math.min(count, Math.floor((performance.now() - began) * rate / 1000) + 1);
            while (sent < due) send();
            if (sent === count) clearInterval(timer);
        }, 1);
        """

    private static let pythonScript = """
        import socket, sys, time
        port, reuses, rate, count = int(sys.argv[1]), sys.argv[2] == '1', int(sys.argv[3]), int(sys.argv[4])
        began, connection = time.monotonic(), None
        for number in range(count):
            if connection is None:
                connection = socket.create_connection(('127.0.0.1', port))
            connection.sendall(b'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')
            answer = b''
            while not answer.endswith(b'ok'):
                answer += connection.recv(4096)
            if not reuses:
                connection.close()
                connection = None
            time.sleep(max(0, began + (number + 1) / rate - time.monotonic()))
        if connection: connection.close()
        print('done')
        """
}
