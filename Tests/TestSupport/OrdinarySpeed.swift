import Foundation
package import Testing

extension Trait where Self == ConditionTrait {
    /// Not under a sanitizer (`.ci/sanitize`), where everything takes several times as long: the comment says what cannot
    /// hold then.
    package static func ordinarySpeed(_ comment: Comment) -> Self {
        .disabled(if: ProcessInfo.processInfo.environment["POOLTOP_SANITIZER"] != nil, comment)
    }
}
