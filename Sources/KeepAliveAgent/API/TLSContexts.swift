import AgentCore
import NIOConcurrencyHelpers
import NIOSSL

/// The agent's one TLS context, made when the first https request needs it: it costs some milliseconds, which are not
/// to be spent on the loop or for an agent that only speaks http.
final class TLSContexts: Sendable {
    private let configuration: TLSConfiguration
    private let made = NIOLockedValueBox<Result<TLSContext, AgentError>?>(nil)

    /// `least` holds where the configuration allows earlier versions, as it does unless somebody says otherwise.
    init(configuration: TLSConfiguration, least: TLSVersion) {
        var configuration = configuration
        configuration.minimumTLSVersion = .later(configuration.minimumTLSVersion, least)
        if configuration.applicationProtocols.isEmpty { configuration.applicationProtocols = ["http/1.1"] }
        self.configuration = configuration
    }

    func context() throws(AgentError) -> TLSContext {
        let result: Result<TLSContext, AgentError> = made.withLockedValue { made in
            if let made { return made }
            let result: Result<TLSContext, AgentError>
            do {
                result = .success(try TLSContext(configuration))
            } catch {
                result = .failure(AgentError(cause: .tlsHandshakeFailed, detail: "\(error)"))
            }
            made = result
            return result
        }
        return try result.get()
    }
}
