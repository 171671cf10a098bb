import Foundation
import TestSupport

/// A server with TLS by Python and certificates by openssl, which answers as a Prometheus with one instance does.
final class SecurePrometheus {
    let folder: String
    let port: Int
    private let server: ChildProcess

    static let isPossible = ["/usr/bin/python3", "/usr/bin/openssl"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    struct CannotStart: Error {}

    /// `certificate` is `server` or `expired`; with `wantsClient` a client without a certificate is refused; with a token
    /// every request has to have it, and `reader` is a token that may read nothing.
    init(certificate: String = "server", wantsClient: Bool = false, token: String = "") async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("secure-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let said = try await ChildProcess.output(of: "/bin/sh", ["-c", Self.certificates, folder])
        guard said.hasSuffix("done\n") else { throw CannotStart() }
        let script = folder + "/server.py"
        try Self.script.write(toFile: script, atomically: false, encoding: .utf8)
        server = try ChildProcess(
            "/usr/bin/python3", [script, folder, certificate, wantsClient ? "client" : "anybody", token])
        let file = folder + "/port"
        try await eventually("the server listens") { FileManager.default.fileExists(atPath: file) }
        guard let port = Int(try String(contentsOfFile: file, encoding: .utf8)) else { throw CannotStart() }
        self.port = port
    }

    func end() async {
        await server.end()
        do { try FileManager.default.removeItem(atPath: folder) } catch {
            // The system empties its folder for temporary files.
        }
    }

    private static let certificates = """
        cd "$0" || exit
        new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        for name in authority other; do
            openssl req -x509 $new -keyout $name.key -out $name.pem -days 2 -subj /CN=$name 2> error || { cat error; exit; }
        done
        echo subjectAltName=DNS:localhost > names
        for name in server expired client; do
            days=2; if [ $name = expired ]; then days=-1; fi
            { openssl req -new $new -keyout $name.key -out $name.csr -subj /CN=$name &&
                openssl x509 -req -in $name.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days $days \
                    -extfile names -out $name.pem; } > error 2>&1 || { cat error; exit; }
        done
        echo done
        """

    private static let script = """
        import http.server, json, os, ssl, sys, time
        folder, certificate, client, token = sys.argv[1:5]

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                wanted = self.headers.get("Authorization")
                if token and wanted == "Bearer reader":
                    return self.say(403, {"status": "error"})
                if token and wanted != token:
                    return self.say(401, {"status": "error"})
                if "/label/" in self.path:
                    return self.say(200, ["pooltop_uptime_seconds", "http_client_pool_requests_succeeded_total"])
                labels = {"job": "shop", "instance": "a:9464"}
                sample = {"metric": labels, "value": [time.time(), "2"]}
                kind = "matrix" if "uptime_seconds%5B" in text or "_range" in self.path else "vector"
                if "uptime_seconds%5B" in text and "max_over_time" in text: kind = "vector"
                result = [] if kind == "matrix" else [sample]
                self.say(200, {"resultType": kind, "result": result})

            do_POST = do_GET

            def say(self, status, data):
                body = json.dumps({"status": "success", "data": data}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_): pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/{certificate}.pem", f"{folder}/{certificate}.key")
        if client == "client":
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(f"{folder}/authority.pem")
        class Server(http.server.ThreadingHTTPServer):
            # The handshake belongs to the thread of its connection.
            def finish_request(self, request, address):
                try: super().finish_request(context.wrap_socket(request, server_side=True), address)
                except OSError: pass
            def handle_error(self, *_): pass
        server = Server(("127.0.0.1", 0), Handler)
        with open(f"{folder}/port.new", "w") as file: file.write(str(server.server_port))
        os.rename(f"{folder}/port.new", f"{folder}/port")
        server.serve_forever()
        """
}
