import FoundationEssentials
import NIOCore
package import NIOSSL
package import SessionConfig

/// TLS settings from the plan's files.
package enum TLSFiles {
    package static func configuration(_ plan: TLSPlan, extraAuthority: String?) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        // An idle server need not answer our close_notify, and waiting for it would keep the descriptor open.
        configuration.shutdownTimeout = .milliseconds(100)
        configuration.minimumTLSVersion = plan.least.version
        if plan.insecure { configuration.certificateVerification = .none }
        var authorities: [NIOSSLCertificate] = []
        if let extraAuthority {
            authorities += try NIOSSLCertificate.fromPEMBytes(Array(extraAuthority.utf8))
        }
        if let path = plan.caFile {
            authorities += try reading("--ca-file", path) { try NIOSSLCertificate.fromPEMFile(path) }
        }
        if !authorities.isEmpty { configuration.additionalTrustRoots = [.certificates(authorities)] }
        if let certificate = plan.certFile, let key = plan.keyFile {
            configuration.certificateChain = try reading("--cert", certificate) {
                try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            }
            configuration.privateKey = try reading("--key", key) {
                .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            }
            do { _ = try NIOSSLContext(configuration: configuration) } catch {
                throw SessionError.badFile(
                    option: "--key", path: key, problem: "does not belong to the certificate of --cert")
            }
        }
        return configuration
    }

    private static func reading<Value>(_ option: String, _ path: String, _ body: () throws -> Value) throws -> Value {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw SessionError.badFile(option: option, path: path, problem: "cannot be read")
        }
        do {
            return try body()
        } catch {
            throw SessionError.badFile(option: option, path: path, problem: "is not in PEM format")
        }
    }
}

extension TLSLeast {
    fileprivate var version: TLSVersion {
        switch self {
        case .v1_0: .tlsv1
        case .v1_1: .tlsv11
        case .v1_2: .tlsv12
        case .v1_3: .tlsv13
        }
    }
}
