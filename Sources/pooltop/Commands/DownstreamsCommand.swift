import ArgumentParser
import Downstream
import Foundation
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
            jq -r .certificateAuthority makes a file for --ca-file or curl --cacert of it.
            """,
        examples: examples)

    static let examples = [
        Example("pooltop downstreams", "Servers to try another client against, until ^C."),
        Example(
            "pooltop downstreams --format json",
            "The same for a script: the first line has the addresses, the token and the certificate."),
    ]

    @OptionGroup var options: DownstreamsOptions

    mutating func run() throws {
        let plan = try options.plan()
        try blocking {
            let signals = EndSignals()
            try ProcessFigures.requireDescriptors(loops: 1)
            let fleet = try await DownstreamFleet.start(seed: plan.seed)
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
            .object([
                "name": .string(downstream.name), "url": .string(downstream.url),
                "address": .string(downstream.address),
            ])
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
        for endpoint in fleet.endpoints {
            let name = endpoint.name.padding(toLength: 10, withPad: " ", startingAt: 0)
            lines.append("\(name)\(endpoint.url)  at \(endpoint.addresses.joined(separator: ", "))")
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
