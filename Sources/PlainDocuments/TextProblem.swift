/// A fault in a piece of text that a person wrote, before it is known where the text stood.
package struct TextProblem: Error, Equatable {
    package var problem: String
    /// Examples of valid text; nil if the problem needs none.
    package var allowed: String?

    package init(_ problem: String, allowed: String? = nil) {
        self.problem = problem
        self.allowed = allowed
    }
}
