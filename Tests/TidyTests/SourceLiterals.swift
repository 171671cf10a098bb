/// The string literals of a Swift file, each with its line and with what it is in. Interpolated parts are left out, and
/// literals inside of them count for themselves.
struct SourceLiterals {
    struct Literal: Equatable {
        var text: String
        var line: Int
        /// The calls, blocks and the argument label that it is in, the innermost last: `demand`, `var description`, ….
        var places: [String]
    }

    private(set) var literals: [Literal] = []
    private let source: [Character]
    private var index = 0
    private var line = 1
    /// The owner of every open bracket.
    private var places: [String] = []
    /// The code of this line so far, literals left out.
    private var code = ""

    init(_ text: String) {
        source = Array(text)
        while index < source.count { step() }
    }

    private func isNext(_ text: String) -> Bool {
        let end = index + text.count
        return end <= source.count && String(source[index..<end]) == text
    }

    /// One comment, literal or character.
    private mutating func step() {
        if isNext("//") {
            while index < source.count, source[index] != "\n" { index += 1 }
        } else if isNext("\"") {
            literal(end: isNext("\"\"\"") ? "\"\"\"" : "\"")
        } else {
            take(source[index])
        }
    }

    private mutating func take(_ character: Character) {
        index += 1
        switch character {
        case "(", "[": places.append(name)
        case "{": places.append(String(code.drop { $0 == " " }))
        case ")", "]", "}": _ = places.popLast()
        case "\n":
            line += 1
            code = ""
            return
        default: break
        }
        code.append(character)
    }

    /// The identifier that the code ends with.
    private var name: String { String(code.reversed().prefix { $0.isLetter || $0.isNumber }.reversed()) }

    private mutating func literal(end: String) {
        let label = code.hasSuffix(": ") ? String(code.dropLast(2).reversed().prefix { $0.isLetter }.reversed()) : ""
        var found = Literal(text: "", line: line, places: places + [label])
        index += end.count
        while index < source.count, !isNext(end) {
            if isNext("\\(") {
                index += 1
                interpolation()
            } else if isNext("\\") {
                found.text += String(source[index..<min(index + 2, source.count)])
                index += 2
            } else {
                if source[index] == "\n" { line += 1 }
                found.text.append(source[index])
                index += 1
            }
        }
        index += end.count
        literals.append(found)
    }

    private mutating func interpolation() {
        let depth = places.count
        repeat { step() } while places.count > depth && index < source.count
    }
}
