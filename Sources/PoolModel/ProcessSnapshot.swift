/// The resources that the process uses.
public struct ProcessSnapshot: Sendable, Codable, Equatable {
    /// CPU time of the whole process, user and system, in seconds.
    public var cpuSeconds: Double
    /// CPU time of the agent's and generator's threads only, in seconds.
    public var agentCPUSeconds: Double
    /// The largest resident size so far, in bytes.
    public var maxResidentBytes: Int
    /// Open file descriptors; nil if unknown.
    public var openDescriptors: Int?
    /// The soft limit on file descriptors; nil if unknown.
    public var descriptorLimit: Int?

    package init(
        cpuSeconds: Double = 0, agentCPUSeconds: Double = 0, maxResidentBytes: Int = 0, openDescriptors: Int? = nil,
        descriptorLimit: Int? = nil
    ) {
        self.cpuSeconds = cpuSeconds
        self.agentCPUSeconds = agentCPUSeconds
        self.maxResidentBytes = maxResidentBytes
        self.openDescriptors = openDescriptors
        self.descriptorLimit = descriptorLimit
    }
}
