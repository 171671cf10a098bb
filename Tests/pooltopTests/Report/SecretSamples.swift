import Foundation

@testable import PlainDocuments

/// Two hundred secrets in the places where people put them. Each has its number, so that the one that came out is known.
enum SecretSamples {
    static let mark = "S3CR3T"

    private static let headerNames = [
        "authorization", "proxy-authorization", "cookie", "cookie2", "x-api-key", "api-key", "apikey", "x-auth-token",
        "x-access-token", "x-amz-security-token", "x-amz-signature", "x-goog-api-key", "x-goog-iam-authorization-token",
        "x-csrf-token", "x-xsrf-token", "x-vault-token", "x-consul-token", "private-token", "job-token", "dd-api-key",
        "x-honeycomb-team", "x-shopify-access-token", "x-stripe-signature", "x-hub-signature-256", "ocp-apim-key",
        "x-functions-key", "x-ms-token", "x-forwarded-authorization", "x-user", "x-session", "x-jwt",
        "x-request-secret",
        "referer", "from", "if-none-match", "x-anything-else", "x-password", "x-pin",
    ]
    private static let parameterNames = [
        "access_token", "token", "api_key", "apikey", "key", "sig", "signature", "X-Amz-Signature", "X-Amz-Credential",
        "X-Goog-Signature", "sv", "se", "password", "pass", "pwd", "secret", "client_secret", "code", "state", "jwt",
        "id_token", "refresh_token", "auth", "session", "sid", "JSESSIONID", "email", "user", "q", "callback", "next",
        "hash", "nonce", "otp", "pin", "card", "ssn", "phone", "license", "webhook",
    ]

    /// Lines `Name: value`: every name in three spellings.
    static let headers: [String] = headerNames.enumerated().flatMap { index, name in
        let title = name.split(separator: "-").map(\.capitalized).joined(separator: "-")
        let values = ["Bearer \(mark)", "\(mark)a; b=\(mark)b", "Basic \(mark)=="]
        return zip([name, name.uppercased(), title], values).map { "\($0): \($1)h\(index)" }
    }

    /// Paths with a query, and with parameters of their segments.
    static let paths: [String] =
        parameterNames.enumerated().map { index, name in "/x?page=2&\(name)=\(mark)q\(index)" }
        + [
            "/x?\(mark)q", "/x?a=b;c=\(mark)q", "/x?%74oken=\(mark)%20q", "/a;jsessionid=\(mark)q/b", "/a;\(mark)q",
            "/x?u=//\(mark)@q",
        ]

    static let bodies = ["\(mark)b", "{\"password\": \"\(mark)b\"}", "grant_type=password&p=\(mark)b", "\u{0}\(mark)b"]

    static let environment = ["HTTP_PROXY", "AWS_SECRET_ACCESS_KEY", "TOKEN", "POOLTOP_TOKEN", "NETRC", "PASSWORD"]

    /// Command lines that are wrong, so that what is said of them is all that comes out.
    static let wrongArguments: [[String]] = [
        ["http://user:\(mark)@127.0.0.1/"], ["https://\(mark)@a.test"], ["user:\(mark)@a.test/"],
        ["http://u:\(mark)/\(mark)@a/"], ["--target", "a=http://u:\(mark)@a"], ["http://u:\(mark)?x@a"],
        ["ftp://a.test/?token=\(mark)"], ["a.test/?token=\(mark)"], ["http://a.test:x/?token=\(mark)"],
        ["http://a.test/ ?token=\(mark)"], ["http:///x?token=\(mark)"], ["http://a_\u{E4}/?token=\(mark)"],
        ["-H", "Authorization Bearer \(mark)"], ["-H", "Bearer \(mark): x"], ["-H", "Cookie: \(mark)\u{1}"],
        ["-H", "Content-Length: \(mark)"], ["-H", mark], ["http://a", "-H", "Cookie:", "session=\(mark)"],
        ["http://a", "-H", "Authorization:Basic", mark],
        ["http://a", "-H", "A: b", "eyJ.\(mark).\(String(repeating: "x", count: 64))"],
    ]

    /// Config files that are wrong.
    static let wrongFiles: [String] = [
        "targets: [{url: \"http://u:\(mark)@a\"}]", "targets: [{url: \"http://a:b/?t=\(mark)\"}]",
        "targets: [{url: http://a, headers: [\"Authorization \(mark)\"]}]",
        "targets: [{url: http://a, headers: {Te: \(mark)}}]",
        "targets: [{url: http://a, headers: {X: \"\(mark)\\u0001\"}}]",
        "targets: [{url: http://a, bodyBase64: \"\(mark)!\"}]", "targets: [{url: http://a, body: [\(mark)]}]",
        "targets: [{url: http://a, body: \"\(mark)", "targets:\n- url: http://a\n  body: \(mark)\n bad",
        "targets: [{url: http://a, headers: {X: \(mark), X: \(mark)}}]",
    ]

    static var count: Int {
        headers.count + paths.count + bodies.count + environment.count + wrongArguments.count + wrongFiles.count
    }

    /// A config file with all that can be sent, to one server; and one target that nobody listens at.
    static func config(for address: String) -> String {
        var lines = ["targets:"]
        for (index, path) in paths.enumerated() {
            lines += ["- url: \(quoted("http://\(address)\(path)"))", "  name: t\(index)", "  headers:"]
            for header in headers.indices where header % paths.count == index {
                let parts = headers[header].split(separator: ":", maxSplits: 1)
                // A list and a mapping are read by different code.
                lines.append(
                    index % 2 == 0
                        ? "  - \(quoted(headers[header]))" : "    \(parts[0]): \(quoted(String(parts[1].dropFirst())))")
            }
            let body = bodies[index % bodies.count]
            lines.append(
                body.contains("\u{0}")
                    ? "  bodyBase64: \(Data(body.utf8).base64EncodedString())" : "  body: \(quoted(body))")
        }
        return (lines + ["- url: http://127.0.0.1:1/?token=\(mark)dead"]).joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String { JSONValue.quoted(text) }
}
