/// The shell's part of a host.
struct Endpoint {
    var tls: TLSIdentity?
    var heads = ObservedResponseHead()
}
