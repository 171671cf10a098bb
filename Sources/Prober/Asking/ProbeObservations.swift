import DNSWire
package import HTTP1
package import PoolModel

/// How a server closed a connection. The raw value is the label in JSON.
package enum ServerClose: String, Sendable, Equatable, CaseIterable {
    /// FIN; with TLS, without a preceding close_notify.
    case fin
    /// RST.
    case reset
    /// TLS close_notify (RFC 8446 §6.1), whatever TCP did after it.
    case closeNotify
}

/// A complete response.
package struct ProbeResponse: Sendable, Equatable {
    package var head: ResponseHead
    /// Whether the connection may be reused, as known at the end of the response.
    var persistence: Persistence
    /// From the last byte of the request to the first byte of the response.
    var firstByteSeconds: Double
    /// Head and body.
    package var bytes: Int
}

/// Why there is no connection or no response.
package struct ProbeFailure: Error, Sendable, Equatable {
    var cause: FailureCause
    /// Why TLS failed, if it did.
    package var tls: TLSFailure?
    /// True if a byte of the response had arrived, so the connection was alive.
    var sawByte = false
    /// The bytes that arrived were the beginning of an HTTP/2 connection.
    var speaksHTTP2 = false
    /// How the server closed the connection; nil if it did not.
    package var close: ServerClose?
}

/// The observations of one probe, in chronological order. Any of them may be missing, because a target can be down and
/// a user can interrupt the probe.
package struct ProbeObservations: Sendable, Equatable {
    package struct Lookup: Sendable, Equatable {
        var outcome: ResolutionOutcome
        package var seconds: Double
    }

    /// A new connection and the first exchange on it.
    struct Opening: Sendable, Equatable {
        var address: String
        var connectSeconds: Double
        /// nil without TLS.
        var tlsSeconds: Double?
        var exchange: Result<ProbeResponse, ProbeFailure>
    }

    /// An address to which no connection could be established.
    struct Unreachable: Sendable, Equatable {
        var address: String
        var cause: FailureCause
    }

    /// A connection that was left idle after its first exchange, and what happened to it.
    package struct Held: Sendable, Equatable {
        enum Fate: Sendable, Equatable {
            /// The server closed it. `spoke`: it sent unsolicited bytes first, often a 408, and that was its end.
            case closed(ServerClose, spoke: Bool)
            /// It sent unsolicited bytes and left the connection open, which nobody can use any more.
            case spoke
            /// A second request got a response, or at least the beginning of one.
            case answered
            /// The connection looked open, but a second request failed.
            case failed(FailureCause)
            /// No second request was sent.
            case open
        }
        /// The part of the examination in which it was held (`IdleExamination`). The raw value is the label in JSON.
        enum Part: String, Sendable, Equatable {
            case crowd, alone, gathering, after
        }
        package var address: String
        /// When it became idle, in seconds since the examination began. The samples are older than that.
        var idleFromSeconds: Double = 0
        /// From the end of its response until then.
        package var idleSeconds: Double
        var fate: Fate
        var part = Part.crowd

        /// When the server ended it, or it got its second request.
        var endSeconds: Double { idleFromSeconds + idleSeconds }
    }

    /// Connections that were opened at once, to count how many of them the server keeps.
    struct Gathering: Sendable, Equatable {
        var opened: Int
        var kept: Int
    }

    /// Consecutive requests on one connection.
    package struct Run: Sendable, Equatable {
        package enum End: Sendable, Equatable {
            /// The maximum number was reached.
            case bound
            /// The last response announced that it was the last.
            case announced
            /// The server closed the connection after a complete response that did not announce it.
            case closed(ServerClose)
            /// The time or byte limit was reached.
            case cutShort
            /// A response failed for another reason.
            case failed(FailureCause)
        }
        /// Complete responses.
        var responses: Int
        package var end: End
        /// How the server closed the connection; nil if it left that to the client, or the close was not awaited.
        package var close: ServerClose?
        /// From its first response to its end.
        var seconds: Double
        /// From its last response to its end.
        var idleSeconds: Double

        package init(
            responses: Int, end: End, close: ServerClose? = nil, seconds: Double = 0, idleSeconds: Double = 0
        ) {
            self.responses = responses
            self.end = end
            self.close = close
            self.seconds = seconds
            self.idleSeconds = idleSeconds
        }
    }

    /// The properties that can be observed in the handshake.
    package struct TLS: Sendable, Equatable {
        /// `1.2`, `1.3`.
        package var version: String?
        /// The name in RFC 8446 or RFC 5289; the number if the name is unknown.
        var cipher: String?
        /// Whether the server gave a session ticket or id with which a client could resume; nil if not observed.
        var offersResumption: Bool?
        /// The certificate's expiry, in seconds since 1970.
        var certificateEnd: Double?
    }

    /// Seconds since 1970.
    package var startedAt: Double = 0
    package var durationSeconds: Double = 0
    /// Lookups of the URL's host; empty if none was needed.
    package var lookups: [Lookup] = []
    /// The lookup of a sibling name that does not exist; nil if none was made.
    var negativeLookup: ResolutionOutcome?
    var openings: [Opening] = []
    /// Each combination of address and cause once.
    var unreachable: [Unreachable] = []
    /// Second requests, sent immediately after the first response.
    package var repeats: [Result<ProbeResponse, ProbeFailure>] = []
    /// The answers to a request with `Connection: keep-alive` and to a second one on the same connection.
    var askedToKeep: [Result<ProbeResponse, ProbeFailure>] = []
    /// How the server closed a connection after announcing it; nil if it did not within a second.
    var closeAfterLastResponse: ServerClose?
    package var held: [Held] = []
    /// The longest time for which connections were held; nil if none were.
    var heldSeconds: Double?
    /// One connection that got requests again and again while the others were idle; nil if there was none.
    var busy: Run?
    /// nil if there was no reason to count.
    var gathering: Gathering?
    package var runs: [Run] = []
    /// The time to the first byte on reused connections, in seconds.
    var reusedFirstBytes: [Double] = []
    package var tls: TLS?
    /// The protocol that the server chose when offered HTTP/2 and HTTP/1.1; nil if none.
    var alpn: String?
    /// Why there are no results; nil if there are.
    package var failure: FailureCause?
    /// Why TLS failed, if that is the failure.
    package var tlsFailure: TLSFailure?
    /// The probe was interrupted by a signal.
    var wasInterrupted = false
}
