/// How much a command line and a config file may ask for. Each is far more than a person writes and little enough that
/// what is made of it, some of it the product of two, is made at once.
package enum PlanLimits {
    package static let targets = 1024
    /// `--loops`.
    package static let loops = 1...256
    /// Header fields of one target.
    package static let headers = 128
    /// Path and header fields of one request, in bytes; servers take a tenth of it.
    static let headBytes = 65_536
    /// Bodies of all targets together, in bytes.
    static let bodyBytes = 256 << 20
    /// Steps of `--plan`.
    package static let steps = 1000
    /// `--at`.
    package static let changes = 1000
    package static let checks = 256
    /// `--resolve`.
    package static let resolve = 256
    /// Addresses of one `--resolve`.
    package static let addresses = 64
    /// `--a` and `--b`, each.
    package static let armSettings = 100

    package static func bodies(_ place: Source) -> CommandLineError {
        place.error("the bodies of all targets are larger than \(bodyBytes >> 20) MiB together")
    }

    /// - Throws: where the first one too many was written.
    package static func check(_ places: [Source], _ most: Int, _ what: String) throws(CommandLineError) {
        guard places.count > most else { return }
        throw places[most].error("more than \(most) \(what)")
    }
}
