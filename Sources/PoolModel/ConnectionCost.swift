/// CPU time that a client spends on opening and closing one connection, beyond what a request costs on one that is kept.
///
/// The figures are those of Node's own agents as `pooltop compare --client node` measured them at 300 requests a second over
/// loopback: 0.53 ms a request without keep-alive and 0.32 ms with it over plain TCP, 0.70 and 0.30 ms over TLS with
/// resumption. Another runtime, and full handshakes, cost something else, so whatever is made of them is an estimate.
package enum ConnectionCost {
    package static let plainSeconds = 0.0002
    package static let tlsSeconds = 0.0004

    /// CPU seconds per request that keep-alive would leave of what was measured.
    package static func forecast(
        cpuSecondsPerRequest measured: Double, plainPerRequest: Double, tlsPerRequest: Double
    ) -> Double {
        // A cheaper client cannot save more than half of what it spends, as far as any that was measured.
        max(measured / 2, measured - plainPerRequest * plainSeconds - tlsPerRequest * tlsSeconds)
    }
}
