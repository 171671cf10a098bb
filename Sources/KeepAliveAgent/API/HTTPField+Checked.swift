public import AgentCore
import HTTP1
public import HTTPTypes

extension HTTPField {
    /// Makes a field of a name and a value that others wrote, and refuses what may not be sent.
    ///
    /// `HTTPField(name:value:)` puts a blank in the place of every CR, LF and NUL, so that nobody can tell afterwards that
    /// somebody tried to end the line (RFC 9110 §5.5). This one says so. Blanks around the value are taken away.
    ///
    /// - Throws: `invalidRequest`, with the field's name in its detail.
    public init(checkedName name: String, value: String) throws(AgentError) {
        let checked: String
        do throws(RequestError) {
            checked = try RequestBytes.checkedValue(name, value)
        } catch {
            throw .invalidRequest("\(error.sentence) (\(RequestBytes.visible(name)))")
        }
        guard let name = HTTPField.Name(name) else { throw .invalidRequest(RequestError.badFieldName.sentence) }
        self.init(name: name, value: checked)
    }
}
