import PlainDocuments
import PoolModel

@testable import SessionConfig

/// One input of a fuzzer: the text of a config file.
struct ConfigFuzzInput {
    private let text: String

    init(_ input: some Collection<UInt8>) { text = String(decoding: input, as: UTF8.self) }

    /// The error found in the reader of config files; nil if there is none.
    func complaint() -> String? {
        // It may name any file there is.
        guard !text.contains("bodyFile") else { return nil }
        do throws(CommandLineError) {
            let plan = try Self.plan(text)
            let printed = PlanDocument.configText(for: plan, showsSecrets: true)
            guard try Self.plan(printed) == plan else { return "read back as something else:\n\(printed)" }
            _ = PlanDocument.configText(for: plan, showsSecrets: false)
            return nil
        } catch {
            // As a command that fails prints it.
            let printed = ([error.message] + error.others).map { PlainText.clean(Redaction.text($0), limit: 1000) }
            return !printed.contains { $0.contains("\n") } ? nil : "an error of several lines: \(error)"
        }
    }

    private static func plan(_ text: String) throws(CommandLineError) -> SessionPlan {
        try PlanAssembly(draft: try ConfigFile.draft(text: text, file: "fuzz.yaml")).plan(randomSeed: 1)
    }
}
