package import FoundationEssentials

/// Durations and times for people.
package enum TextDuration {
    /// Such as `0.8s`, `42s`, `3m10s`, `2h05m`, `9d`.
    package static func text(_ duration: Duration) -> String {
        let seconds = duration.seconds
        if seconds < 9.95 { return String(tenths: max(0, seconds)) + "s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole)s" }
        if whole < 3_600 { return "\(whole / 60)m\(padded(whole % 60))s" }
        if whole < 172_800 { return "\(whole / 3_600)h\(padded(whole % 3_600 / 60))m" }
        return "\(whole / 86_400)d"
    }

    /// An instant to the minute, in UTC: `2026-11-25 09:30`.
    package static func minute(_ date: Date) -> String {
        let text = JSONText.instant(date)
        return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
