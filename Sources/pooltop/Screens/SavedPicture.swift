import AgentCore
import FoundationEssentials
import PlainDocuments
import PoolModel
import Reporting
import SessionConfig
import Wording

/// The files that `w` writes.
enum SavedPicture {
    /// Writes the screen and the figures behind it to two files in a folder, by default the current one, readable only
    /// by their owner.
    static func save(_ text: String, _ snapshot: AgentSnapshot?, in folder: String = ".") -> String {
        let stamp = Timestamp.text(Date().timeIntervalSince1970).filter { $0.isNumber || $0 == "T" }.prefix(15)
        let base = "pooltop-\(stamp)"
        do {
            try write(text + "\n", to: "\(folder)/\(base).txt")
            if let snapshot {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                let figures = try encoder.encode(WordedSnapshot(snapshot: snapshot.withoutSecrets()))
                try write(String(decoding: figures, as: UTF8.self), to: "\(folder)/\(base).json")
            }
            return "saved \(base).txt" + (snapshot == nil ? "" : " and \(base).json")
        } catch let error as CommandLineError {
            return error.message
        } catch {
            return "could not save \(base).txt: \(error)"
        }
    }

    private static func write(_ text: String, to path: String) throws(CommandLineError) {
        let file = try ReportFile(path: path, option: "saving the screen")
        do throws(CommandLineError) { try file.write(text) } catch {
            file.abandon()
            throw error
        }
        try file.finish()
    }
}

/// A snapshot with the text of each notice beside its values, for readers of the file without pooltop.
private struct WordedSnapshot: Encodable {
    private enum Field: String, CodingKey { case events }

    let snapshot: AgentSnapshot

    func encode(to encoder: any Encoder) throws {
        try snapshot.encode(to: encoder)
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encode(snapshot.events.map { WordedNotice(notice: $0) }, forKey: .events)
    }
}

private struct WordedNotice: Encodable {
    private enum Field: String, CodingKey { case label, text }

    let notice: AgentNotice

    func encode(to encoder: any Encoder) throws {
        try notice.encode(to: encoder)
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encode(notice.label, forKey: .label)
        try fields.encode(notice.text, forKey: .text)
    }
}
