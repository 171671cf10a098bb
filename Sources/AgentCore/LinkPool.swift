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

    /// Both neighbours of an element lie together: one place in memory to look at, one array to make sure of.
    private struct Links {
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
        links[element] = Links(previous: Self.none, next: list.head)
        if list.head == Self.none { list.tail = element } else { links[list.head].previous = element }
        list.head = element
        list.count += 1
    }

    package mutating func pushBack(_ element: Int, to list: inout List) {
        assert(!contains(element), "already in a list")
        links[element] = Links(previous: list.tail, next: Self.none)
        if list.tail == Self.none { list.head = element } else { links[list.tail].next = element }
        list.tail = element
        list.count += 1
    }

    /// `none` for the place at the end.
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
        let (before, after) = (links[element].previous, links[element].next)
        if before == Self.none { list.head = after } else { links[before].next = after }
        if after == Self.none { list.tail = before } else { links[after].previous = before }
        links[element] = Links()
        list.count -= 1
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
