import Testing

@testable import Dashboard
@testable import PoolModel

/// On a screen without a line for keys, what asks for an answer is still seen.
@Suite struct SmallScreenTests {
    private func shown(_ width: Int, _ height: Int, _ keys: Key...) -> String {
        var (model, story) = Told.at90
        _ = update(&model, .resize(width: width, height: height))
        for key in keys { _ = update(&model, .key(key)) }
        story.give(to: &model)
        return render(model, width: width, height: height).plainText()
    }

    @Test("Questions are drawn on top of the list", arguments: [(30, 8), (39, 9), (20, 3)])
    func questionsLieOverTheList(_ width: Int, _ height: Int) {
        #expect(shown(width, height, .character("x")).contains("y  the"))
        #expect(shown(width, height, .character("f")).contains("1  drop"))
        #expect(shown(width, height, .character("?")).contains("Help"))
    }

    @Test("The selected fault stays visible")
    func theChosenFaultStaysInSight() {
        #expect(shown(30, 5, .character("f"), .down, .down, .down, .down, .down).contains("6  back to normal"))
    }

    @Test("A screen of one line can ask questions")
    func oneLineAsksToo() {
        #expect(shown(19, 1, .character("x")).hasPrefix("close idle? y n"))
        #expect(shown(19, 2, .character("f"), .down).hasPrefix("2 drain"))
        #expect(shown(19, 1, .character("/"), .character("l")).hasPrefix("/l_"))
        #expect(shown(10, 1, .character("?")).hasPrefix("esc closes"))
    }

    @Test("The filter and messages use the last row")
    func filterAndNoticesTakeTheLastRow() {
        let filtered = shown(30, 8, .character("/"), .character("l"), .character("e"))
        #expect(filtered.hasSuffix("/le_\n"))
        #expect(filtered.contains("legacy") && !filtered.contains("catalog"))
        #expect(shown(30, 8, .character("+")).hasSuffix("window of 5 min\n"))
    }

    @Test("Pausing is shown at every size")
    func pauseIsSaidAtEverySize() {
        for (width, height) in [(120, 36), (80, 24), (60, 20), (40, 12), (30, 8), (20, 3)] {
            #expect(shown(width, height, .character(" ")).contains("PAUSED"), "\(width)x\(height)")
        }
    }

    @Test("A single large chart takes precedence over the hosts")
    func aLargeChartComesBeforeTheHosts() {
        #expect(!shown(40, 12).contains("now"))
        let screen = shown(40, 12, .character("e"))
        #expect(screen.contains("now") && screen.contains("catalog"))
    }

    @Test("Unverified certificates and outdated TLS versions are shown in every view", arguments: [true, false])
    func uncheckedCertificatesAndOldVersionsAreSaidInEveryView(isInsecure: Bool) {
        var (model, story) = Story.played(until: 5) {
            $0.isInsecure = isInsecure
            $0.oldTLS = isInsecure ? nil : "1.0"
        }
        for view in ["1", "2", "3", "4"] {
            for (width, height) in [(120, 36), (80, 24), (60, 20), (40, 12), (30, 8), (20, 3)] {
                _ = update(&model, .resize(width: width, height: height))
                _ = update(&model, .key(.character(Unicode.Scalar(view) ?? "1")))
                story.give(to: &model)
                let screen = render(model, width: width, height: height).plainText()
                #expect(screen.contains(isInsecure ? "INSECURE" : "OLD TLS"), "view \(view) at \(width)x\(height)")
            }
        }
    }
}
