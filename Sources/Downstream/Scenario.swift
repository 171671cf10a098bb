/// The behaviour of one bundled downstream: plain data, so that a seed can repeat it.
///
/// Every field except `name` has a default, in code and when decoded. Durations are in seconds, as everywhere in our
/// JSON. Rates are probabilities per ordinary request, between 0 and 1.
package struct Scenario: Codable, Hashable, Sendable {
    package enum Scheme: String, Codable, Sendable { case http, https }
    package enum Framing: String, Codable, Sendable { case contentLength, chunked }
    /// How an idle connection is dropped: an orderly FIN, or a reset. Losing the FIN cannot be simulated on loopback.
    package enum Drop: String, Codable, Sendable { case fin, reset }
    /// The certificate of an https downstream. A client that verifies certificates accepts only a trusted one.
    package enum Certificate: String, Codable, Sendable {
        /// Issued by the demo authority for the name, and in date.
        case trusted
        /// For the name and in date, but signed with its own key.
        case selfSigned
        /// Issued by the demo authority and in date, but for another name.
        case otherName
        /// Issued by the demo authority for the name, but valid in 2020 only.
        case expired
        /// There is no TLS: the port that is announced as https speaks plain HTTP.
        case absent
    }
    /// How the bundled DNS server answers queries for the name.
    package enum NameAnswers: Codable, Hashable, Sendable {
        case records
        /// NXDOMAIN.
        case nameError
        case serverFailure
        /// Queries are counted but not answered.
        case silence
        /// Records for this long after the first query, and then silence.
        case outage(afterSeconds: Double)
    }
    /// The probability of a complete response with a status.
    package struct StatusRate: Codable, Hashable, Sendable {
        package var status: Int
        package var rate: Double
    }
    /// The head of a response is sent at once, and its body in small parts.
    package struct Dribble: Codable, Hashable, Sendable {
        package var bytes: Int
        package var everySeconds: Double
    }

    package var name: String
    package var scheme: Scheme = .http
    /// Used if the scheme is https.
    package var certificate: Certificate = .trusted
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
    /// Whether such a reset replaces the whole response, so that not a byte of it is sent.
    package var resetsBeforeHead: Bool = false
    /// The probability of a complete 503.
    package var unavailableRate: Double = 0
    /// The probabilities of complete responses with other statuses.
    package var statusRates: [StatusRate] = []
    /// The probability that the response is delayed by `stallSeconds`.
    package var stallRate: Double = 0
    package var stallSeconds: Double = 2
    /// The probability that the request is read and never answered. The connection stays open.
    package var hangRate: Double = 0
    /// Whether such a request gets the head of a response, but not a byte of the body.
    package var hangsAfterHead: Bool = false
    /// The probability that a second complete response, which was not requested, follows immediately.
    package var unsolicitedRate: Double = 0
    /// Nil: the whole response is sent at once.
    package var dribble: Dribble?
    /// IPv4 loopback addresses; the same port is bound on each.
    package var addresses: [String] = ["127.0.0.1"]
    /// The `addresses` on which nothing listens, so that connections are refused.
    package var refusingAddresses: [String] = []
    /// The `addresses` that answer no SYN, like a machine that is switched off, so that connecting ends in a timeout.
    package var silentAddresses: [String] = []
    package var nameAnswers: NameAnswers = .records
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
        try values.assign(&certificate, .certificate)
        keepAliveHint = try values.decodeIfPresent(AdvertisedKeepAlive.self, forKey: .keepAliveHint)
        try values.assign(&latency, .latency)
        try values.assign(&bodyBytes, .bodyBytes)
        try values.assign(&framing, .framing)
        requestsPerConnection = try values.decodeIfPresent(Int.self, forKey: .requestsPerConnection)
        idleLimitSeconds = try values.decodeIfPresent(Double.self, forKey: .idleLimitSeconds)
        try values.assign(&idleDrop, .idleDrop)
        try values.assign(&alwaysCloses, .alwaysCloses)
        try values.assign(&resetRate, .resetRate)
        try values.assign(&resetsBeforeHead, .resetsBeforeHead)
        try values.assign(&unavailableRate, .unavailableRate)
        try values.assign(&statusRates, .statusRates)
        try values.assign(&stallRate, .stallRate)
        try values.assign(&stallSeconds, .stallSeconds)
        try values.assign(&hangRate, .hangRate)
        try values.assign(&hangsAfterHead, .hangsAfterHead)
        try values.assign(&unsolicitedRate, .unsolicitedRate)
        dribble = try values.decodeIfPresent(Dribble.self, forKey: .dribble)
        try values.assign(&addresses, .addresses)
        try values.assign(&refusingAddresses, .refusingAddresses)
        try values.assign(&silentAddresses, .silentAddresses)
        try values.assign(&nameAnswers, .nameAnswers)
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
    /// Whether connections begin with a TLS handshake.
    package var speaksTLS: Bool { scheme == .https && certificate != .absent }

    /// Rejects a scenario that the server could not implement, before a socket is bound.
    package func validate() throws(ScenarioError) {
        func check(_ condition: Bool, _ field: String) throws(ScenarioError) {
            guard condition else { throw .invalidValue(scenario: name, field: field) }
        }
        try check(!name.isEmpty && !name.contains("/"), "name")
        try check(!hostName.isEmpty, "hostName")
        try check((0...(64 << 20)).contains(bodyBytes), "bodyBytes")
        try check((requestsPerConnection ?? 1) >= 1, "requestsPerConnection")
        try check((0.001...1e6).contains(idleLimitSeconds ?? 1), "idleLimitSeconds")
        let rates = [resetRate, unavailableRate, stallRate, hangRate, unsolicitedRate] + statusRates.map(\.rate)
        let ratesAreValid = rates.allSatisfy { $0 >= 0 } && rates.reduce(0, +) <= 1
        try check(ratesAreValid, "a rate, or the sum of all,")
        try check(statusRates.allSatisfy { (200...599).contains($0.status) }, "statusRates")
        try check((0...3600).contains(stallSeconds), "stallSeconds")
        try check(dribble.map { $0.bytes >= 1 && (0.001...3600).contains($0.everySeconds) } ?? true, "dribble")
        try check((0...604_800).contains(ttlSeconds), "ttlSeconds")
        if case .outage(let seconds) = nameAnswers { try check((0...1e6).contains(seconds), "nameAnswers") }
        try check(latency.isValid, "latency")
        try check(!addresses.isEmpty && Set(addresses).count == addresses.count, "addresses")
        let deadAddresses = refusingAddresses + silentAddresses
        try check(
            Set(deadAddresses).count == deadAddresses.count && Set(deadAddresses).isSubset(of: addresses),
            "refusingAddresses, silentAddresses")
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
