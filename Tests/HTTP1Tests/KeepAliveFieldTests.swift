import HTTP1
import Testing

@Suite struct KeepAliveFieldTests {
    @Test(
        "The field is parsed leniently",
        arguments: [
            ("timeout=5", 5, nil),
            ("timeout=5, max=100", 5, 100),
            ("max=100, timeout=5", 5, 100),
            ("max=100,timeout=5", 5, 100),
            ("TimeOut=5, MAX=7", 5, 7),
            ("timeout=5s", 5, nil),
            ("timeout=5S; max=3", 5, 3),
            ("timeout=\"5\"", 5, nil),
            ("timeout=\"5s\", max=\"9\"", 5, 9),
            ("timeout = 5 , max = 6", 5, 6),
            ("timeout=5 max=6", 5, 6),
            ("timeout=005", 5, nil),
            ("timeout=5.9", 5, nil),
            ("300, timeout=5", 5, nil),
            ("junk, =, ;; foo=bar; timeout=5, \"x", 5, nil),
            ("timeout=60, timeout=5", 5, nil),
            ("timeout=5, timeout=60", 5, nil),
            ("timeout=0", 0, nil),
            ("timeout=-1", -1, nil),
            ("timeout=-0.5, max=0", 0, 0),
            ("max=-3", nil, -3),
            ("timeout=99999999999999999999", Int.max, nil),
            ("timeout=-99999999999999999999", -Int.max, nil),
            ("", nil, nil),
            ("5", nil, nil),
            ("timeout", nil, nil),
            ("timeout=", nil, nil),
            ("timeout=, max=2", nil, 2),
            ("timeout=x5", nil, nil),
            ("timeout=5ms", nil, nil),
            ("timeout=5m", nil, nil),
            ("timeout=+5", nil, nil),
            ("timeout=\"5", nil, nil),
            ("timeout=--5", nil, nil),
            ("xtimeout=5, timeouts=6, maxi=7", nil, nil),
            ("timeout=x, timeout=5", 5, nil),
        ] as [(String, Int?, Int?)])
    func value(_ value: String, timeout: Int?, max: Int?) throws {
        let head = try head("Keep-Alive: \(value)")
        #expect(head.keepAliveTimeoutSeconds == timeout)
        #expect(head.keepAliveMax == max)
    }

    @Test("Repeated fields are combined")
    func repeatedFieldsCountTogether() throws {
        let head = try head("Keep-Alive: timeout=9\nkeep-ALIVE: max=2, timeout=7")
        #expect(head.keepAliveTimeoutSeconds == 7)
        #expect(head.keepAliveMax == 2)
    }

    @Test("Fields with similar names are no hint")
    func noField() throws {
        let head = try head("X-Keep-Alive: timeout=9\nKeep-Alivf: timeout=8\nLeep-Alive: timeout=8\nKeep_Alive: max=1")
        #expect(head.keepAliveTimeoutSeconds == nil && head.keepAliveMax == nil)
    }

    /// A 1xx response's hint is not the final one's.
    @Test("The hint of a 1xx response is ignored")
    func hintOfInformational() throws {
        let found = parse(message("HTTP/1.1 100 Continue\nKeep-Alive: timeout=1\n\nHTTP/1.1 204 x\n\n"))
        guard case .head(let head) = found[1] else { throw Missing() }
        #expect(head.keepAliveTimeoutSeconds == nil && head.keepAliveMax == nil)
    }

    private struct Missing: Error {}

    private func head(_ fields: String) throws -> ResponseHead {
        guard case .head(let head) = parse(message("HTTP/1.1 204 No Content\n\(fields)\n\n")).first else {
            throw Missing()
        }
        return head
    }
}
