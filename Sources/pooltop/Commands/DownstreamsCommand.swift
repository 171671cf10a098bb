import ArgumentParser
import Downstream
import PlainDocuments
import Reporting
import Sessions

struct DownstreamsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        name: "downstreams",
        abstract: "Run only the bundled downstreams, until stopped.",
        discussion: """
            Prints their endpoints first. Each answers GET /_stats with what it counted, and POST /_fault?drain (and \
            others) to whoever sends the printed token. Names are answered by the DNS server that is printed too. With \
            --format json the first line also has the certificate that the HTTPS ones are signed with: \
            jq -r .certificateAuthority makes a file for --ca-file or curl --cacert of it. With --sick each fails in a way \
            of its own, which is printed under it.
            """,
        examples: examples)

    static let examples = [
        Example("pooltop downstreams", "Servers to try another client against, until ^C."),
        Example(
            "pooltop downstreams --format json",
            "The same for a script, with the token and the certificate."),
        Example(
            "pooltop downstreams --sick --only hanging --only expired",
            "Servers that fail: one never answers, one has an expired certificate."),
    ]

    @OptionGroup var options: DownstreamsOptions

    mutating func run() throws {
        let plan = try options.plan()
        try blocking {
            let signals = EndSignals()
            try ProcessFigures.requireDescriptors(loops: 1)
            let fleet = try await DownstreamFleet.start(plan.scenarios, seed: plan.seed)
            if plan.json {
                try await Self.announce(Self.document(of: fleet).line + "\n", of: fleet)
            } else {
                try await Self.announce(Self.text(fleet, seed: plan.seed), of: fleet)
            }
            for await _ in signals.stream { break }
            try await fleet.shutdown()
        }
    }

    private static func document(of fleet: DownstreamFleet) -> JSONValue {
        let description = fleet.fleetDescription
        let downstreams = description.downstreams.map { downstream -> JSONValue in
            var members = [
                JSONValue.Member(key: "name", value: .string(downstream.name)),
                JSONValue.Member(key: "url", value: .string(downstream.url)),
                JSONValue.Member(key: "address", value: .string(downstream.address)),
            ]
            if let sick = SickDownstream.named(downstream.name) {
                members.append(JSONValue.Member(key: "summary", value: .string(sick.summary)))
            }
            return .object(members)
        }
        return .object([
            "dns": .string(description.dns), "downstreams": .array(downstreams),
            "token": .string(description.token), "certificateAuthority": .string(fleet.certificateAuthorityPEM),
        ])
    }

    /// Stops the downstreams if the announcement fails, because nobody could find them.
    private static func announce(_ text: String, of fleet: DownstreamFleet) async throws {
        do { try StandardStreams.writeOutput(text) } catch {
            try await fleet.shutdown()
            throw error
        }
    }

    private static func text(_ fleet: DownstreamFleet, seed: UInt64) -> String {
        var lines = ["DNS for *.pooltop.test: \(fleet.dnsAddress) (UDP and TCP)   seed \(seed)", ""]
        let width = (fleet.endpoints.map(\.name.count) + [8]).reduce(0, max) + 2
        for endpoint in fleet.endpoints {
            let name = TextTable.pad(endpoint.name, to: width, .left)
            lines.append("\(name)\(endpoint.url)  at \(endpoint.addresses.joined(separator: ", "))")
            guard let sick = SickDownstream.named(endpoint.name) else { continue }
            lines.append(String(repeating: " ", count: width) + sick.summary)
            if let client = sick.client { lines.append(String(repeating: " ", count: width) + "Needs " + client + ".") }
        }
        if let first = fleet.endpoints.first {
            let (stats, fault) = ("http://\(first.address)/_stats", "http://\(first.address)/_fault?drain")
            lines += [
                "", "try: curl \(stats)",
                "     curl -X POST -H 'Authorization: Bearer \(fleet.controlToken)' '\(fault)'", "^C stops them.",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
