import Glibc

/// The local time zone's offset from UTC in seconds, at a moment in seconds since 1970; zero if it is unknown.
package func utcOffset(at time: Double) -> Int {
    guard abs(time) < 1e12 else { return 0 }
    var seconds = time_t(time)
    var local = tm()
    guard localtime_r(&seconds, &local) != nil else { return 0 }
    return local.tm_gmtoff
}
