/// What is wrong with a piece of text that a person wrote, before it is known where the text stood.
package struct TextProblem: Error, Equatable {
    package var problem: String
    /// What could have been written instead, in a few examples; nil where the problem says it all.
    package var allowed: String?

    package init(_ problem: String, allowed: String? = nil) {
        self.problem = problem
        self.allowed = allowed
    }
}
