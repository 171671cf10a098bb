package import PlainDocuments
import Wording

/// Finds what a person probably meant by a name that does not exist.
package enum NearestName {
    /// `unknown KIND 'NAME'; did you mean 'X'?`, or the list of what there is.
    package static func problem(kind: String, name: String, among candidates: [String]) -> TextProblem {
        if let nearest = nearestWord(name, among: candidates) {
            return TextProblem("unknown \(kind) '\(name)'; did you mean '\(nearest)'?")
        }
        return TextProblem("unknown \(kind) '\(name)'", allowed: candidates.joined(separator: ", "))
    }
}
