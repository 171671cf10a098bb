/// The options that say something about a session, by the sections of the help that they stand in.
package enum OptionSections {
    /// The limits of the agent, all of which can change while it runs.
    package static let agent = AgentSetting.options(in: .agent) + [AgentSetting.assignments]
    /// The limits of the agent that `probe` has. Its connects have no TLS handshake behind them.
    package static let probe = [
        AgentSetting.connectTimeout.option(help: "Limit of a connect, TLS included, or none."),
        AgentSetting.requestTimeout.option,
    ].compactMap { $0 }
}
