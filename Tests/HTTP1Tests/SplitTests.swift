import Testing

/// The outcome does not depend on where the reads cut the bytes.
@Suite(.serialized) struct SplitTests {
    @Test("A response can be split at every byte", arguments: ValidCorpus.all, [false, true])
    func cutAtEveryByte(_ sample: Sample, keepsHead: Bool) {
        var feed = sample.feed
        feed.keepsHead = keepsHead
        let whole = parse(sample.bytes, feed)
        #expect(isComplete(whole), "\(whole)")
        for cut in 0...sample.bytes.count {
            let found = parse(sample.bytes, cuts: [cut], feed)
            #expect(found == whole, "cut at \(cut)")
            if found != whole { return }
        }
    }

    @Test("A response can be read byte by byte", arguments: ValidCorpus.all, [false, true])
    func byteByByte(_ sample: Sample, keepsHead: Bool) {
        var feed = sample.feed
        feed.keepsHead = keepsHead
        #expect(parse(sample.bytes, cuts: Array(0..<sample.bytes.count), feed) == parse(sample.bytes, feed))
    }

    @Test("Parsing can start inside the input", arguments: ValidCorpus.all)
    func beginningInsideTheInput(_ sample: Sample) {
        var feed = sample.feed
        feed.padding = 13
        #expect(parse(sample.bytes, cuts: [sample.bytes.count / 2], feed) == parse(sample.bytes, sample.feed))
    }

    @Test("Hostile input can be split at every byte", arguments: HostileCorpus.all)
    func hostileCutAtEveryByte(_ hostile: Hostile) {
        let whole = parse(hostile.bytes, hostile.feed)
        // The long ones are long in the middle, which a stride samples well enough.
        for cut in stride(from: 0, through: hostile.bytes.count, by: max(1, hostile.bytes.count / 300)) {
            let found = parse(hostile.bytes, cuts: [cut], hostile.feed)
            #expect(found == whole, "cut at \(cut)")
            if found != whole { return }
        }
        #expect(parse(hostile.bytes, cuts: Array(0..<hostile.bytes.count), hostile.feed) == whole)
    }

    private func isComplete(_ found: [Found]) -> Bool {
        guard case .end = found.last else { return false }
        return true
    }
}
