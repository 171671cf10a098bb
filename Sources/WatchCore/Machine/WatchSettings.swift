/// The processes that figures are about.
package enum WatchScope: Sendable, Equatable {
    /// Every process of the network namespace.
    case all
    /// These processes, by number. A later process of the same number is another one.
    case processes(Set<Int>)
    /// Every process that has this name (`ProcessFacts.isNamed`), also those that start later.
    case named(String)
}

/// The settings of a `WatchMachine`.
package struct WatchSettings: Sendable, Equatable {
    package var scope = WatchScope.all
    /// Only hosts with this port are shown; nil: all.
    package var port: Int?
    /// Only the host with this name or address, with or without a port, is shown; nil: all.
    package var host: String?
    /// False: hosts are shown by their addresses, whatever names they have.
    package var showsNames = true
    /// Descendants of chosen processes are chosen too.
    package var includesChildren = true
    /// Remote ends that are counted one by one. Beyond this, those without connections are summed in one host, `other`.
    package var maxHosts = 500
    /// Processes with counts of their own. Beyond this, those that ended are summed with others.
    package var maxProcesses = 512
    /// Sockets that are listed for one snapshot, the oldest first.
    package var maxSocketsShown = 2000
    /// False: the kernel says nothing about sockets that are gone, so only dumps tell.
    package var hasDestroyEvents = true

    package init() {}
}
