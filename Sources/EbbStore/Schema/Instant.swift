import FoundationEssentials

extension Date {
    /// Milliseconds since 1970, as the tables hold times.
    var milliseconds: Int64 { Int64(clamping: timeIntervalSince1970, scale: 1_000) }

    /// Microseconds since 1970, as the tables hold modification times of paths.
    var microseconds: Int64 { Int64(clamping: timeIntervalSince1970, scale: 1_000_000) }

    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1_000) }

    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}

extension Int64 {
    /// Rounds, and stays within 9,000 years of 1970: a host's clock may say anything.
    fileprivate init(clamping seconds: Double, scale: Double) {
        let limit = 9_000.0 * 366 * 86_400
        let bounded = seconds.isFinite ? Swift.min(Swift.max(seconds, -limit), limit) : 0
        self = Int64((bounded * scale).rounded())
    }
}
