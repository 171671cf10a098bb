import AgentCore
import PoolModel
import Testing

/// The linked lists and the heap against naive models, on seeded random histories.
@Suite struct CollectionTests {
    @Test("Linked lists agree with arrays", arguments: 1...30) func listsAgreeWithArrays(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var links = LinkPool()
        links.grow(to: 24)
        var lists = [LinkPool.List(), LinkPool.List(), LinkPool.List()]
        var model: [[Int]] = [[], [], []]
        for _ in 0..<600 {
            let element = Int(random.next() % 24)
            let list = Int(random.next() % 3)
            if let owner = model.firstIndex(where: { $0.contains(element) }) {
                #expect(links.contains(element))
                links.remove(element, from: &lists[owner])
                model[owner].removeAll { $0 == element }
            } else {
                #expect(!links.contains(element))
                switch random.next() % 3 {
                case 0:
                    links.pushFront(element, to: &lists[list])
                    model[list].insert(element, at: 0)
                case 1:
                    links.pushBack(element, to: &lists[list])
                    model[list].append(element)
                default:
                    let place = Int(random.next() % UInt64(model[list].count + 1))
                    let successor = place < model[list].count ? model[list][place] : LinkPool.none
                    links.insert(element, before: successor, in: &lists[list])
                    model[list].insert(element, at: place)
                }
            }
            for (list, expected) in zip(lists, model) {
                #expect(links.elements(of: list) == expected)
                #expect(list.count == expected.count)
                #expect(list.isEmpty == expected.isEmpty)
                #expect(list.head == expected.first ?? LinkPool.none)
                #expect(list.tail == expected.last ?? LinkPool.none)
                for (before, after) in zip(expected, expected.dropFirst()) {
                    #expect(links.after(before) == after)
                    #expect(links.before(after) == before)
                }
            }
        }
    }

    private static let subjects: [DeadlineSubject] =
        (0..<12).map { .connection($0) } + (0..<12).map { .request($0) } + (0..<4).map { .host($0) }

    /// The model: the earliest moment that was asked for since a subject was last taken out.
    @Test("The deadline heap agrees with a dictionary", arguments: 1...30) func theHeapAgreesWithADictionary(
        seed: UInt64
    ) throws {
        var random = SplitMix64(seed: seed)
        var heap = DeadlineHeap()
        var model: [DeadlineSubject: Moment] = [:]
        var now = Moment.zero
        for _ in 0..<800 {
            let subject = Self.subjects[Int(random.next() % UInt64(Self.subjects.count))]
            switch random.next() % 8 {
            case 0..<4:
                let moment =
                    random.next() % 20 == 0
                    ? Moment.never : Moment(nanoseconds: now.nanoseconds + Int64(random.next() % 1000))
                heap.schedule(subject, at: moment)
                if moment != .never { model[subject] = min(moment, model[subject] ?? .never) }
            case 4:
                heap.remove(subject)
                model[subject] = nil
            default:
                now = now + Int64(random.next() % 200)
                while let due = heap.popDue(now) {
                    let moment = try #require(model[due], "popped and not scheduled")
                    model[due] = nil
                    #expect(moment <= now)
                    #expect(model.values.allSatisfy { $0 >= moment }, "the earliest comes first")
                }
                #expect(model.values.allSatisfy { $0 > now }, "a due one was left behind")
            }
            #expect(heap.count == model.count)
            #expect(heap.earliest == model.values.min() ?? .never)
            #expect((heap.moment(of: subject) != .never) == (model[subject] != nil))
        }
    }

    @Test("Counts are kept for each label")
    func countsByLabel() {
        var counts = CountsBy<CloseReason>()
        #expect(counts.total == 0 && counts.nonZero.isEmpty && counts.dominant == nil)
        for (number, reason) in CloseReason.allCases.enumerated() { counts.add(number, to: reason) }
        for (number, reason) in CloseReason.allCases.enumerated() { #expect(counts[reason] == number) }
        #expect(counts.total == CloseReason.allCases.count * (CloseReason.allCases.count - 1) / 2)
        #expect(counts.nonZero.map(\.key) == Array(CloseReason.allCases.dropFirst()))
        #expect(counts.dominant == CloseReason.allCases.last)
        let earlier = counts
        counts.add(to: .lifetime)
        #expect(counts.since(earlier).nonZero.map(\.key) == [.lifetime])
        var sum = counts
        sum.merge(earlier)
        #expect(sum.total == counts.total + earlier.total)
    }

    @Test("The label declared first wins a tie")
    func theFirstDeclaredWinsATie() {
        var counts = CountsBy<FailureCause>()
        counts.add(3, to: .shutdown)
        counts.add(3, to: .dnsTimeout)
        #expect(counts.dominant == .dnsTimeout)
    }
}
