/// Doubly linked lists over small integers, without allocation per element.
///
/// One pool holds the links of elements 0, 1, 2, …; any number of lists share it, as long as an element is in at most
/// one of them at a time. All operations take constant time, so a pool decision costs the same with ten connections as
/// with fifty thousand.
package struct LinkPool: Sendable {
    package struct List: Sendable, Equatable {
        package fileprivate(set) var head = LinkPool.none
        package fileprivate(set) var tail = LinkPool.none
        package fileprivate(set) var count = 0
        package init() {}
        package var isEmpty: Bool { head == LinkPool.none }
    }

    /// No element.
    package static let none = -1
    fileprivate static let unlinked = -2

    /// Both links of an element are adjacent, so that an operation touches one cache line and checks one array for
    /// uniqueness.
    fileprivate struct Links {
        var previous = LinkPool.unlinked
        var next = LinkPool.unlinked
    }

    private var links: [Links] = []

    package init() {}

    package mutating func grow(to count: Int) {
        while links.count < count { links.append(Links()) }
    }

    package func contains(_ element: Int) -> Bool { links[element].next != Self.unlinked }

    /// The element after this one, towards the tail; `none` at the end.
    package func after(_ element: Int) -> Int { links[element].next }
    /// The element before this one, towards the head; `none` at the end.
    package func before(_ element: Int) -> Int { links[element].previous }

    package mutating func pushFront(_ element: Int, to list: inout List) {
        assert(!contains(element), "already in a list")
        var links = links.mutableSpan
        links.pushFront(element, to: &list, lane: 0, of: 1)
    }

    package mutating func pushBack(_ element: Int, to list: inout List) {
        assert(!contains(element), "already in a list")
        links[element] = Links(previous: list.tail, next: Self.none)
        if list.tail == Self.none { list.head = element } else { links[list.tail].next = element }
        list.tail = element
        list.count += 1
    }

    /// Inserts before `successor`; `none` inserts at the end.
    package mutating func insert(_ element: Int, before successor: Int, in list: inout List) {
        if successor == Self.none { return pushBack(element, to: &list) }
        if successor == list.head { return pushFront(element, to: &list) }
        assert(!contains(element), "already in a list")
        let predecessor = links[successor].previous
        links[element] = Links(previous: predecessor, next: successor)
        links[predecessor].next = element
        links[successor].previous = element
        list.count += 1
    }

    package mutating func remove(_ element: Int, from list: inout List) {
        assert(contains(element), "not in a list")
        var links = links.mutableSpan
        links.remove(element, from: &list, lane: 0, of: 1)
    }

    /// The elements from head to tail.
    package func elements(of list: List) -> [Int] {
        var elements: [Int] = []
        elements.reserveCapacity(list.count)
        var element = list.head
        while element != Self.none {
            elements.append(element)
            element = links[element].next
        }
        return elements
    }
}

/// The links of idle connections. Each connection is in three lists at once: its host's, the list of all hosts, and its
/// address's. Its three pairs of links share one cache line, which is why a fourth pair is left empty, and the array is
/// checked for uniqueness once for all three.
package struct IdleLinks: Sendable {
    private var links: [LinkPool.Links] = []
    private static let lanes = 4

    package init() {}

    package mutating func grow(to count: Int) {
        while links.count < count * Self.lanes { links.append(LinkPool.Links()) }
    }

    package func contains(_ element: Int) -> Bool { links[element * Self.lanes].next != LinkPool.unlinked }

    /// The connection of the same host that became idle next after it; `LinkPool.none` if it was the last.
    package func parkedAfter(_ element: Int) -> Int { links[element * Self.lanes].previous }

    /// Each list must be in the same position in every call.
    @inline(__always)
    package mutating func pushFront(
        _ element: Int, to first: inout LinkPool.List, _ second: inout LinkPool.List, _ third: inout LinkPool.List
    ) {
        assert(!contains(element), "already in a list")
        var links = links.mutableSpan
        links.pushFront(element, to: &first, lane: 0, of: Self.lanes)
        links.pushFront(element, to: &second, lane: 1, of: Self.lanes)
        links.pushFront(element, to: &third, lane: 2, of: Self.lanes)
    }

    @inline(__always)
    package mutating func remove(
        _ element: Int, from first: inout LinkPool.List, _ second: inout LinkPool.List, _ third: inout LinkPool.List
    ) {
        assert(contains(element), "not in a list")
        var links = links.mutableSpan
        links.remove(element, from: &first, lane: 0, of: Self.lanes)
        links.remove(element, from: &second, lane: 1, of: Self.lanes)
        links.remove(element, from: &third, lane: 2, of: Self.lanes)
    }
}

/// Operations on one lane of an element's `lanes` pairs of links.
extension MutableSpan<LinkPool.Links> {
    @inline(__always)
    fileprivate mutating func pushFront(_ element: Int, to list: inout LinkPool.List, lane: Int, of lanes: Int) {
        self[element &* lanes &+ lane] = LinkPool.Links(previous: LinkPool.none, next: list.head)
        if list.head == LinkPool.none {
            list.tail = element
        } else {
            self[list.head &* lanes &+ lane].previous = element
        }
        list.head = element
        list.count += 1
    }

    @inline(__always)
    fileprivate mutating func remove(_ element: Int, from list: inout LinkPool.List, lane: Int, of lanes: Int) {
        let links = self[element &* lanes &+ lane]
        if links.previous == LinkPool.none {
            list.head = links.next
        } else {
            self[links.previous &* lanes &+ lane].next = links.next
        }
        if links.next == LinkPool.none {
            list.tail = links.previous
        } else {
            self[links.next &* lanes &+ lane].previous = links.previous
        }
        self[element &* lanes &+ lane] = LinkPool.Links()
        list.count -= 1
    }
}
