/// Reads a config file. Not there yet, and said so.
enum ConfigFile {
    static func draft(path: String) throws(CommandLineError) -> PlanDraft {
        throw Source.option("--config").error("is not supported yet")
    }
}
