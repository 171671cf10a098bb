import PlainDocuments
import SessionConfig

/// Reads the value of an option that may not be there.
func read<Value>(
    _ text: String?, _ option: String, _ parse: (String) throws(TextProblem) -> Value
) throws(CommandLineError) -> Sourced<Value>? {
    guard let text else { return nil }
    return try Source.option(option).read { () throws(TextProblem) in try parse(text) }
}
