/// An error in a text written by a user, before it is known where the text was written.
package struct TextProblem: Error, Equatable {
    package var problem: String
    /// Examples of valid text; nil if the problem needs none.
    package var allowed: String?

    package init(_ problem: String, allowed: String? = nil) {
        self.problem = problem
        self.allowed = allowed
    }
}
