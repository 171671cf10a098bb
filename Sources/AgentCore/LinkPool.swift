/// Doubly linked lists over small integers, without allocation per element.
///
/// One pool holds the links of elements 0, 1, 2, …; any number of lists share it, as long as an element is in at most
/// one of them at a time. All operations take constant time. This is why a pool decision costs the same with ten
/// connections and with fifty thousand.
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
    private static let unlinked = -2

    private var previous: [Int] = []
    private var next: [Int] = []

    package init() {}

    package mutating func grow(to count: Int) {
        while next.count < count {
            previous.append(Self.unlinked)
            next.append(Self.unlinked)
        }
    }

    package func contains(_ element: Int) -> Bool { next[element] != Self.unlinked }

    /// The element after this one, towards the tail; `none` at the end.
    package func after(_ element: Int) -> Int { next[element] }
    /// The element before this one, towards the head; `none` at the end.
    package func before(_ element: Int) -> Int { previous[element] }

    package mutating func pushFront(_ element: Int, to list: inout List) {
        assert(!contains(element), "already in a list")
        previous[element] = Self.none
        next[element] = list.head
        if list.head == Self.none { list.tail = element } else { previous[list.head] = element }
        list.head = element
        list.count += 1
    }

    package mutating func pushBack(_ element: Int, to list: inout List) {
        assert(!contains(element), "already in a list")
        next[element] = Self.none
        previous[element] = list.tail
        if list.tail == Self.none { list.head = element } else { next[list.tail] = element }
        list.tail = element
        list.count += 1
    }

    /// `none` for the place at the end.
    package mutating func insert(_ element: Int, before successor: Int, in list: inout List) {
        if successor == Self.none { return pushBack(element, to: &list) }
        if successor == list.head { return pushFront(element, to: &list) }
        assert(!contains(element), "already in a list")
        let predecessor = previous[successor]
        previous[element] = predecessor
        next[element] = successor
        next[predecessor] = element
        previous[successor] = element
        list.count += 1
    }

    package mutating func remove(_ element: Int, from list: inout List) {
        assert(contains(element), "not in a list")
        let (before, after) = (previous[element], next[element])
        if before == Self.none { list.head = after } else { next[before] = after }
        if after == Self.none { list.tail = before } else { previous[after] = before }
        previous[element] = Self.unlinked
        next[element] = Self.unlinked
        list.count -= 1
    }

    /// The elements from head to tail.
    package func elements(of list: List) -> [Int] {
        var elements: [Int] = []
        elements.reserveCapacity(list.count)
        var element = list.head
        while element != Self.none {
            elements.append(element)
            element = next[element]
        }
        return elements
    }
}
