/// The version that is written into reports.
package enum ProductVersion {
    package static let current = "0.1.0"
}
