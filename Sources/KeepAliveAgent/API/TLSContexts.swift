import AgentCore
import NIOConcurrencyHelpers
import NIOSSL

/// The agent's one TLS context, made when the first https request needs it: it costs some milliseconds, which are not
/// to be spent on the loop or for an agent that only speaks http.
final class TLSContexts: Sendable {
    private let configuration: TLSConfiguration
    private let made = NIOLockedValueBox<Result<NIOSSLContext, AgentError>?>(nil)

    init(configuration: TLSConfiguration) {
        var configuration = configuration
        if configuration.applicationProtocols.isEmpty { configuration.applicationProtocols = ["http/1.1"] }
        self.configuration = configuration
    }

    func context() throws(AgentError) -> NIOSSLContext {
        let result: Result<NIOSSLContext, AgentError> = made.withLockedValue { made in
            if let made { return made }
            let result: Result<NIOSSLContext, AgentError>
            do {
                result = .success(try NIOSSLContext(configuration: configuration))
            } catch {
                result = .failure(AgentError(cause: .tlsHandshakeFailed, detail: "\(error)"))
            }
            made = result
            return result
        }
        return try result.get()
    }
}
