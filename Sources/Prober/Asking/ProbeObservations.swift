import DNSWire
package import HTTP1
package import PoolModel

/// How a server ended a connection. The raw value is the label in JSON.
package enum ServerClose: String, Sendable, Equatable, CaseIterable {
    /// FIN; with TLS, one without close_notify before it.
    case fin
    /// RST.
    case reset
    /// TLS's own end (RFC 8446 §6.1), whatever TCP did after it.
    case closeNotify
}

/// A complete response.
package struct ProbeResponse: Sendable, Equatable {
    package var head: ResponseHead
    /// Whether the connection may be used again, as known at the response's end.
    var persistence: Persistence
    /// From the request's last byte to the response's first.
    var firstByteSeconds: Double
    /// Head and body.
    package var bytes: Int
}

/// Why there is no connection, or no response.
package struct ProbeFailure: Error, Sendable, Equatable {
    var cause: FailureCause
    /// Why TLS failed, where it did.
    package var tls: TLSFailure?
    /// True where a byte of the response had come: the connection was alive.
    var sawByte = false
    /// How the server ended the connection; nil: it did not.
    package var close: ServerClose?
}

/// What one probe has seen, in the order in which it came. All of it may be missing: a target can be down, a person in a
/// hurry.
package struct ProbeObservations: Sendable, Equatable {
    package struct Lookup: Sendable, Equatable {
        var outcome: ResolutionOutcome
        package var seconds: Double
    }

    /// A new connection and the first exchange on it.
    struct Opening: Sendable, Equatable {
        var address: String
        var connectSeconds: Double
        /// nil: no TLS.
        var tlsSeconds: Double?
        var exchange: Result<ProbeResponse, ProbeFailure>
    }

    /// An address on which no connection could be made.
    struct Unreachable: Sendable, Equatable {
        var address: String
        var cause: FailureCause
    }

    /// A connection that was left alone after its first exchange, and what became of it.
    package struct Held: Sendable, Equatable {
        enum Fate: Sendable, Equatable {
            /// The server ended it. `spoke`: it sent bytes first that nobody had asked for (often a 408).
            case closed(ServerClose, spoke: Bool)
            /// A second request was answered, or its answer begun.
            case answered
            /// The connection looked open, and a second request came to nothing.
            case failed(FailureCause)
            /// Nobody asked any more.
            case open
        }
        package var address: String
        /// From the end of its response until that happened.
        package var idleSeconds: Double
        var fate: Fate
    }

    /// Requests one after the other on one connection.
    package struct Run: Sendable, Equatable {
        package enum End: Sendable, Equatable {
            /// As many as were allowed.
            case bound
            /// The last response said that it was the last.
            case announced
            /// The server ended the connection after a complete response that said nothing of it.
            case closed(ServerClose)
            /// Out of time, or of bytes.
            case cutShort
            /// A response that was lost for another reason.
            case failed(FailureCause)
        }
        /// Complete responses.
        var responses: Int
        package var end: End
        /// How the server ended the connection; nil: it left that to us, or nobody waited for it.
        package var close: ServerClose?

        package init(responses: Int, end: End, close: ServerClose? = nil) {
            self.responses = responses
            self.end = end
            self.close = close
        }
    }

    /// As far as the handshake shows it.
    package struct TLS: Sendable, Equatable {
        /// `1.2`, `1.3`.
        package var version: String?
        /// The name of RFC 8446 or RFC 5289; a number where we know none.
        var cipher: String?
        /// Whether the server gave a session ticket or id, with which a client could resume; nil: not seen.
        var offersResumption: Bool?
        /// When the certificate ends, in seconds since 1970.
        var certificateEnd: Double?
    }

    /// Seconds since 1970.
    package var startedAt: Double = 0
    package var durationSeconds: Double = 0
    /// Of the URL's host; empty where none was needed.
    package var lookups: [Lookup] = []
    /// Of a name beside it that does not exist; nil: nobody asked.
    var negativeLookup: ResolutionOutcome?
    var openings: [Opening] = []
    /// Each address and cause once.
    var unreachable: [Unreachable] = []
    /// Second requests, sent at once after the first response.
    package var repeats: [Result<ProbeResponse, ProbeFailure>] = []
    /// How the server ended a connection whose response had said that it would; nil: it did not, within a second.
    var closeAfterLastResponse: ServerClose?
    package var held: [Held] = []
    /// How long connections were held at the longest; nil: none were.
    var heldSeconds: Double?
    package var runs: [Run] = []
    /// First bytes on connections that had been used before, in seconds.
    var reusedFirstBytes: [Double] = []
    package var tls: TLS?
    /// The protocol that the server chose where HTTP/2 and HTTP/1.1 were on offer; nil: none.
    var alpn: String?
    /// Why there is nothing to tell; nil: there is.
    package var failure: FailureCause?
    /// Why TLS failed, where that is the failure.
    package var tlsFailure: TLSFailure?
    /// Ended by a signal.
    var wasInterrupted = false
}
