/// A time on the wall clock, to the minute.
package struct TimeOfDay: Hashable, Sendable, Comparable, CodedAsText {
    package let hour: Int
    package let minute: Int

    /// Reads `HH:MM` from `00:00` to `23:59`; `nil` for any other spelling.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), (0...23).contains(hour), (0...59).contains(minute)
        else { return nil }
        (self.hour, self.minute) = (hour, minute)
    }

    private init(hour: Int, minute: Int) { (self.hour, self.minute) = (hour, minute) }

    /// Where the day begins.
    package static let midnight = TimeOfDay(hour: 0, minute: 0)

    /// Seconds after midnight on a day without a clock change.
    package var seconds: Int { hour * 3_600 + minute * 60 }

    package static func < (left: TimeOfDay, right: TimeOfDay) -> Bool { left.seconds < right.seconds }

    /// The time that a text stands for.
    package static func read(_ text: String) -> Self? { TimeOfDay(text) }

    package var description: String { "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)" }
}
