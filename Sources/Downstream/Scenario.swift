/// The behaviour of one bundled downstream: plain data, so that a seed can repeat it.
///
/// Every field except `name` has a default, in code and when decoded. Durations are in seconds, as everywhere in our
/// JSON. Rates are probabilities per ordinary request, between 0 and 1.
package struct Scenario: Codable, Hashable, Sendable {
    package enum Scheme: String, Codable, Sendable { case http, https }
    package enum Framing: String, Codable, Sendable { case contentLength, chunked }
    /// How an idle connection is dropped: an orderly FIN, or a reset. Losing the FIN cannot be simulated on loopback.
    package enum Drop: String, Codable, Sendable { case fin, reset }

    package var name: String
    package var scheme: Scheme = .http
    /// The name that clients look up.
    package var hostName: String
    package var keepAliveHint: AdvertisedKeepAlive?
    package var latency: Latency = .none
    package var bodyBytes: Int = 128
    package var framing: Framing = .contentLength
    /// The response with this number carries `Connection: close`, and the connection ends. Nil: unlimited.
    package var requestsPerConnection: Int?
    /// A connection without an exchange for this long is closed without notice. Nil: never.
    package var idleLimitSeconds: Double?
    package var idleDrop: Drop = .fin
    /// `Connection: close` on every response.
    package var alwaysCloses: Bool = false
    /// The probability that half of the response is sent and the connection is then reset.
    package var resetRate: Double = 0
    /// The probability of a complete 503.
    package var unavailableRate: Double = 0
    /// The probability that the response is delayed by `stallSeconds`.
    package var stallRate: Double = 0
    package var stallSeconds: Double = 2
    /// IPv4 loopback addresses; the same port is bound on each.
    package var addresses: [String] = ["127.0.0.1"]
    package var ttlSeconds: Int = 60
    /// Whether each answer starts with the next address, as round-robin DNS does.
    package var rotatesAddresses: Bool = true

    package init(name: String, hostName: String? = nil) {
        self.name = name
        self.hostName = hostName ?? "\(name).pooltop.test"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let name = try values.decode(String.self, forKey: .name)
        self.init(name: name, hostName: try values.decodeIfPresent(String.self, forKey: .hostName))
        try values.assign(&scheme, .scheme)
        keepAliveHint = try values.decodeIfPresent(AdvertisedKeepAlive.self, forKey: .keepAliveHint)
        try values.assign(&latency, .latency)
        try values.assign(&bodyBytes, .bodyBytes)
        try values.assign(&framing, .framing)
        requestsPerConnection = try values.decodeIfPresent(Int.self, forKey: .requestsPerConnection)
        idleLimitSeconds = try values.decodeIfPresent(Double.self, forKey: .idleLimitSeconds)
        try values.assign(&idleDrop, .idleDrop)
        try values.assign(&alwaysCloses, .alwaysCloses)
        try values.assign(&resetRate, .resetRate)
        try values.assign(&unavailableRate, .unavailableRate)
        try values.assign(&stallRate, .stallRate)
        try values.assign(&stallSeconds, .stallSeconds)
        try values.assign(&addresses, .addresses)
        try values.assign(&ttlSeconds, .ttlSeconds)
        try values.assign(&rotatesAddresses, .rotatesAddresses)
    }
}

extension KeyedDecodingContainer {
    /// Keeps the default if the key is absent.
    fileprivate func assign<Value: Decodable>(_ field: inout Value, _ key: Key) throws {
        if let value = try decodeIfPresent(Value.self, forKey: key) { field = value }
    }
}

/// The `Keep-Alive` field of responses that keep the connection open. It is only an announcement, and not the idle
/// limit itself.
package struct AdvertisedKeepAlive: Codable, Hashable, Sendable {
    package var timeoutSeconds: Int?
    /// Whether to add `max=`, counting down to `requestsPerConnection`.
    package var saysMaximum: Bool

    package init(timeoutSeconds: Int?, saysMaximum: Bool = false) {
        self.timeoutSeconds = timeoutSeconds
        self.saysMaximum = saysMaximum
    }
}

/// The time between the last byte of a request and the first byte of its response.
package enum Latency: Codable, Hashable, Sendable {
    case none
    case constant(seconds: Double)
    /// Log-normal, given by two quantiles, because those are usually known for a service.
    case logNormal(p50Seconds: Double, p95Seconds: Double)
}

/// Why a scenario is invalid.
package enum ScenarioError: Error, Equatable, CustomStringConvertible {
    case duplicateName(String)
    case invalidAddress(scenario: String, address: String)
    case invalidValue(scenario: String, field: String)
    case unknownName(String)
    case noPort(scenario: String, reason: String)

    package var description: String {
        switch self {
        case .duplicateName(let name): "two downstreams are called \(name)"
        case .invalidAddress(let scenario, let address): "\(scenario): \(address) is not an address on loopback"
        case .invalidValue(let scenario, let field): "\(scenario): \(field) is out of range"
        case .unknownName(let name): "no downstream is called \(name)"
        case .noPort(let scenario, let reason): "\(scenario): no port could be bound: \(reason)"
        }
    }
}

extension Scenario {
    /// Rejects a scenario that the server could not implement, before a socket is bound.
    package func validate() throws(ScenarioError) {
        func check(_ condition: Bool, _ field: String) throws(ScenarioError) {
            guard condition else { throw .invalidValue(scenario: name, field: field) }
        }
        let rates = resetRate + unavailableRate + stallRate
        try check(!name.isEmpty && !name.contains("/"), "name")
        try check(!hostName.isEmpty, "hostName")
        try check((0...(64 << 20)).contains(bodyBytes), "bodyBytes")
        try check((requestsPerConnection ?? 1) >= 1, "requestsPerConnection")
        try check((0.001...1e6).contains(idleLimitSeconds ?? 1), "idleLimitSeconds")
        let ratesAreValid = min(resetRate, unavailableRate, stallRate) >= 0 && rates <= 1
        try check(ratesAreValid, "resetRate, unavailableRate, stallRate")
        try check((0...3600).contains(stallSeconds), "stallSeconds")
        try check((0...604_800).contains(ttlSeconds), "ttlSeconds")
        try check(latency.isValid, "latency")
        try check(!addresses.isEmpty && Set(addresses).count == addresses.count, "addresses")
        for address in addresses where !address.hasPrefix("127.") {
            throw .invalidAddress(scenario: name, address: address)
        }
    }
}

extension Latency {
    fileprivate var isValid: Bool {
        switch self {
        case .none: true
        case .constant(let seconds): (0...3600).contains(seconds)
        case .logNormal(let p50, let p95): p50 > 0 && p50 <= p95 && p95 <= 3600
        }
    }
}
