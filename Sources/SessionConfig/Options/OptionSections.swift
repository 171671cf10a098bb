/// The options that say something about a session, by the sections of the help that they stand in.
package enum OptionSections {
    /// Options of a request that go with every method.
    package static let request = [RequestRows.headers, RequestRows.unixSocket].compactMap(\.option)
    /// Every option of requests.
    package static let requests =
        [RequestRows.method].compactMap(\.option) + request
        + [RequestRows.body, RequestRows.bodyFile].compactMap(\.option)
    /// The choice between the bundled downstreams.
    package static let fleet = [SessionRows.sick].compactMap(\.option)
    package static let load = SessionRows.load.compactMap(\.option)
    /// The limits of the agent, all of which can change while it runs.
    package static let agent = AgentSetting.options(in: .agent) + [AgentSetting.assignments]
    /// The DNS servers that are asked.
    package static let nameServers = SessionRows.dns.compactMap(\.option)
    /// How names become addresses.
    package static let dns = AgentSetting.options(in: .dns) + nameServers
    package static let tls = SessionRows.tls.compactMap(\.option)
    /// The one that people ask for most stands first.
    package static let screen = SessionRows.screen.reversed().compactMap(\.option)
    package static let checks = [SessionRows.checks].compactMap(\.option)
    /// The limits of the agent that `probe` has. Its connects have no TLS handshake behind them.
    package static let probe = [
        AgentSetting.connectTimeout.option(help: "Limit of a connect, TLS included, or none."),
        AgentSetting.requestTimeout.option,
    ].compactMap { $0 }
}
