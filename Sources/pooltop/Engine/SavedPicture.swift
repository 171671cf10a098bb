import AgentCore
import Foundation

/// What `w` leaves behind.
enum SavedPicture {
    /// Writes the picture and the figures behind it next to each other in the current directory.
    static func save(_ text: String, _ snapshot: AgentSnapshot?) -> String {
        let stamp = Timestamp.text(Date().timeIntervalSince1970).filter { $0.isNumber || $0 == "T" }.prefix(15)
        let base = "pooltop-\(stamp)"
        do {
            try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: base + ".txt"))
            if let snapshot {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                try encoder.encode(snapshot).write(to: URL(fileURLWithPath: base + ".json"))
            }
            return "saved \(base).txt" + (snapshot == nil ? "" : " and \(base).json")
        } catch {
            return "could not save \(base).txt: \(error.localizedDescription)"
        }
    }
}
