import ArgumentParser
import Foundation
import NIOConcurrencyHelpers
import PlainDocuments
import TestSupport
import Testing

@testable import Reporting
@testable import SessionConfig
@testable import pooltop

/// `pooltop fleet` at a server with TLS, which wants to know who asks.
@Suite("A fleet over TLS", .enabled(if: SecurePrometheus.isPossible, "python3 or openssl is not installed"))
struct FleetTLSTests {
    /// The text, or the error.
    private func look(
        _ prometheus: SecurePrometheus, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> String {
        let text = NIOLockedValueBox("")
        let channels = ReportChannels(
            writeOutput: { more in text.withLockedValue { $0 += more } }, writeError: { _ in }, outputIsTerminal: false,
            errorIsTerminal: false, columns: { 200 })
        let words = arguments.map { $0.replacing("FOLDER", with: prometheus.folder) }
        do {
            let options = try FleetOptions.parse(["https://localhost:\(prometheus.port)"] + words)
            let plan = try options.plan(environment: environment)
            _ = try await FleetRun(plan: plan, channels: channels).execute()
        } catch let error as CommandLineError {
            return error.message
        }
        return text.withLockedValue(\.self)
    }

    private func expect(
        _ said: String, _ part: String, sourceLocation: SourceLocation = #_sourceLocation
    ) { #expect(said.contains(part), sourceLocation: sourceLocation) }

    @Test("The server's certificate has to be trusted, as --ca-file and --insecure say")
    func authority() async throws {
        let prometheus = try await SecurePrometheus()
        expect(try await look(prometheus, ["--ca-file", "FOLDER/authority.pem"]), "a:9464")
        expect(try await look(prometheus, ["--insecure"]), "a:9464")
        let advice = "give the authority's certificate with --ca-file, or for a test only use --insecure"
        expect(try await look(prometheus, []), advice)
        expect(try await look(prometheus, ["--ca-file", "FOLDER/other.pem"]), advice)
        await prometheus.end()
    }

    @Test("A certificate that has expired is called so")
    func expired() async throws {
        let prometheus = try await SecurePrometheus(certificate: "expired")
        expect(
            try await look(prometheus, ["--ca-file", "FOLDER/authority.pem"]), "the server's certificate has expired")
        await prometheus.end()
    }

    @Test("A server that wants a client certificate gets it, and errors say what is missing")
    func client() async throws {
        let prometheus = try await SecurePrometheus(wantsClient: true)
        let trust = ["--ca-file", "FOLDER/authority.pem"]
        let pair = trust + ["--cert", "FOLDER/client.pem", "--key", "FOLDER/client.key"]
        expect(try await look(prometheus, pair), "a:9464")
        expect(try await look(prometheus, trust), "give one with --cert FILE and --key FILE")
        expect(
            try await look(prometheus, trust + ["--cert", "FOLDER/client.pem"]), "needs its private key too (--key)")
        expect(
            try await look(prometheus, trust + ["--cert", "FOLDER/client.pem", "--key", "FOLDER/none.key"]),
            "cannot read")
        expect(
            try await look(prometheus, trust + ["--cert", "FOLDER/client.pem", "--key", "FOLDER/port"]),
            "is not in PEM format")
        expect(
            try await look(prometheus, trust + ["--cert", "FOLDER/client.pem", "--key", "FOLDER/server.key"]),
            "does not belong to the certificate of --cert")
        await prometheus.end()
    }

    @Test("Credentials come from a file or the environment, and 401 and 403 are told apart")
    func credentials() async throws {
        let trust = ["--ca-file", "FOLDER/authority.pem"]
        let prometheus = try await SecurePrometheus(token: "Bearer abc")
        for (name, text) in [("good", "abc\n"), ("bad", "no\n"), ("reader", "reader\n")] {
            try text.write(toFile: "\(prometheus.folder)/\(name)", atomically: false, encoding: .utf8)
        }
        expect(try await look(prometheus, trust + ["--bearer-file", "FOLDER/good"]), "a:9464")
        expect(try await look(prometheus, trust, environment: ["POOLTOP_BEARER": "abc"]), "a:9464")
        expect(try await look(prometheus, trust), "wants other credentials (status 401): --bearer-file, --basic-file")
        expect(try await look(prometheus, trust + ["--bearer-file", "FOLDER/bad"]), "status 401")
        expect(
            try await look(prometheus, trust + ["--bearer-file", "FOLDER/reader"]),
            "does not let these credentials read it (status 403)")
        await prometheus.end()
        let basic = try await SecurePrometheus(token: "Basic YW5uOnNlY3JldA==")
        try "ann:secret\n".write(toFile: "\(basic.folder)/pair", atomically: false, encoding: .utf8)
        expect(try await look(basic, trust + ["--basic-file", "FOLDER/pair"]), "a:9464")
        await basic.end()
    }

    @Test("Options of TLS at an address without TLS are refused, and so are times that are none")
    func refused() throws {
        for (arguments, part) in [
            (["--insecure"], "--insecure: is for https://"), (["--timeout", "10ms"], "must be at least 100ms"),
        ] {
            let error = #expect(throws: CommandLineError.self) {
                try FleetOptions.parse(["http://127.0.0.1:9090"] + arguments).plan(environment: [:])
            }
            expect(error?.message ?? "", part)
        }
        let plan = try FleetOptions.parse(["http://127.0.0.1:9090", "--timeout", "1m"]).plan(environment: [:])
        #expect(plan.timeout == .seconds(60) && plan.tls == TLSPlan())
    }
}
