package import PlainDocuments

/// A TLS version by its name in `--tls-min`.
package enum TLSLeast: String, CaseIterable, Sendable {
    case v1_0 = "1.0"
    case v1_1 = "1.1"
    case v1_2 = "1.2"
    case v1_3 = "1.3"

    package static func parse(_ text: String) throws(TextProblem) -> TLSLeast {
        guard let version = TLSLeast(rawValue: text) else {
            throw TextProblem(
                "'\(text)' is not a TLS version", allowed: allCases.map(\.rawValue).joined(separator: ", "))
        }
        return version
    }

    /// No client should speak it any more (RFC 8996).
    var isOld: Bool { self == .v1_0 || self == .v1_1 }
}

/// Settings that make TLS weaker than its defaults. Every view shows them, because they should never be permanent.
package struct TLSWeakness: Sendable, Equatable {
    /// No certificate is verified.
    package var isInsecure = false
    /// The earliest version that is allowed, where RFC 8996 forbids it: `1.0` or `1.1`; nil: it does not.
    package var oldVersion: String?

    package init(isInsecure: Bool = false, oldVersion: String? = nil) {
        self.isInsecure = isInsecure
        self.oldVersion = oldVersion
    }

    package init(_ plan: TLSPlan) {
        self.init(isInsecure: plan.insecure, oldVersion: plan.least.isOld ? plan.least.rawValue : nil)
    }

    /// Lines for the head of a text report.
    package var headings: [String] {
        (isInsecure ? ["TLS CERTIFICATES WERE NOT VERIFIED (--insecure)"] : [])
            + (oldVersion.map { ["TLS \($0) WAS ALLOWED (--tls-min \($0))"] } ?? [])
    }

    /// The same as sentences.
    package var sentences: [String] {
        (isInsecure ? ["TLS certificates were not verified (--insecure)."] : [])
            + (oldVersion.map { ["TLS \($0) was allowed (--tls-min \($0))."] } ?? [])
    }

    /// In front of a progress line; empty where there is nothing to say.
    package var mark: String { (isInsecure ? "INSECURE  " : "") + (oldVersion.map { "OLD TLS \($0)  " } ?? "") }
}
