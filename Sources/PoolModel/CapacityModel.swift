/// How many containers a service needs for a load of HTTP requests to its downstreams:
/// ⌈rate × (own CPU + HTTP CPU per request) ÷ (cores × utilisation)⌉.
package struct CapacityModel: Sendable, Equatable {
    /// CPU seconds that the service spends per downstream request on its own work, outside the agent. Default 0.5 ms.
    package var ownCPUSecondsPerRequest = 0.0005
    /// Cores per container. Default 1.
    package var cores = 1.0
    /// The utilisation that a container is run at, 0…1. Default 0.6.
    package var utilisation = 0.6

    /// The defaults.
    package init() {}

    /// Containers before rounding up; nil where the rate or the CPU per request is not known.
    package func load(requestsPerSecond: Double?, httpCPUSecondsPerRequest: Double?) -> Double? {
        guard let requestsPerSecond, let httpCPUSecondsPerRequest else { return nil }
        return requestsPerSecond * (ownCPUSecondsPerRequest + httpCPUSecondsPerRequest) / (cores * utilisation)
    }

    /// Containers, at least one; nil where the rate or the CPU per request is not known.
    package func containers(requestsPerSecond: Double?, httpCPUSecondsPerRequest: Double?) -> Int? {
        load(requestsPerSecond: requestsPerSecond, httpCPUSecondsPerRequest: httpCPUSecondsPerRequest)
            .map { max(1, Int($0.rounded(.up))) }
    }
}
