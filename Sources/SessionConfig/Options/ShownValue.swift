import PoolModel

/// A value as documents show it: a config file in the words that it is read in, a report in JSON's own types.
///
/// A missing value is null in a report, and is not in a config file.
enum ShownValue {
    case word(String?)
    case flag(Bool)
    case count(Int?)
    case number(Double)
    case seed(UInt64)
    case duration(Duration?)
    /// Requests a second.
    case rate(Double)
    case list([String])
    /// A file. A config file has the whole path, because it means paths from its own folder.
    case path(String?)
    case url(TargetURL)
    case headers([HeaderField])
    case body([UInt8])
    case settings(SettingOverrides)
    /// Reports have it, and a config file does without: it is the default, or follows from another key.
    indirect case forReports(ShownValue)

    /// `value`, which a config file has only where it is not the default.
    static func unless(_ isDefault: Bool, _ value: ShownValue) -> ShownValue { isDefault ? .forReports(value) : value }
}
