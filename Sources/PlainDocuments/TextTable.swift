/// Aligned columns of text, limited to a maximum width.
package struct TextTable {
    package enum Alignment {
        case left, right
    }
    package struct Column {
        package var title: String
        package var alignment = Alignment.right
        /// Longer texts are truncated.
        package var most = 24

        package init(title: String, alignment: Alignment = Alignment.right, most: Int = 24) {
            self.title = title
            self.alignment = alignment
            self.most = most
        }
    }

    package var columns: [Column]
    package var rows: [[String]] = []

    /// One line per row after the titles, without trailing blanks.
    package var lines: [String] {
        let cells = ([columns.map(\.title)] + rows).map { row in
            zip(row, columns).map { PlainText.cut($0, to: max($1.most, $1.title.count)) }
        }
        let widths = columns.indices.map { index in cells.map { PlainText.width($0[index]) }.max() ?? 0 }
        return cells.map { row in
            let padded = zip(zip(row, columns), widths).map { Self.pad($0.0, to: $1, $0.1.alignment) }
            return Self.trimmedEnd(padded.joined(separator: "  "))
        }
    }

    package static func pad(_ text: String, to width: Int, _ alignment: Alignment) -> String {
        let blanks = String(repeating: " ", count: max(0, width - PlainText.width(text)))
        return alignment == .left ? text + blanks : blanks + text
    }

    /// Items joined by `separator` and wrapped; continuation lines are indented by the width of `title`.
    package static func wrapped(
        _ items: [String], title: String, indent: Int, width: Int, separator: String
    ) -> [String] {
        var lines: [String] = []
        var line = pad(title, to: indent, .left)
        var isEmpty = true
        for item in items {
            let item = PlainText.cut(item, to: width - indent)
            if !isEmpty, PlainText.width(line) + separator.count + PlainText.width(item) >= width {
                lines.append(line + trimmedEnd(separator))
                line = String(repeating: " ", count: indent)
                isEmpty = true
            }
            line += (isEmpty ? "" : separator) + item
            isEmpty = false
        }
        return lines + [trimmedEnd(line)]
    }

    private static func trimmedEnd(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }

    package init(columns: [Column], rows: [[String]] = []) {
        self.columns = columns
        self.rows = rows
    }
}
