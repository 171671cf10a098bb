import Diagnosis
import Testing

@Suite("Levels") struct LevelTests {
    @Test("What is worse comes first")
    func order() {
        #expect(Level.allCases.sorted() == [.bad, .warn, .hint, .good])
    }
}
