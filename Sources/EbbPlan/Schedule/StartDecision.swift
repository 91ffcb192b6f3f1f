package import FoundationEssentials

/// Whether something that takes a while may start now.
package enum StartDecision: Hashable, Sendable {
    /// It may, and until this instant; `nil` means that no end is known.
    case allowed(until: Date?)
    /// A blackout holds.
    case blackedOut(reason: String, until: Date)
    /// No window is open.
    case closed(next: Opening?)
    /// A window is open, and what is left of it is too short.
    case tooLate(end: Date, needs: Int, next: Opening?)
    /// No window within reach is long enough for it.
    case neverFits(needs: Int)
}

extension MaintenanceCalendar {
    /// Whether something that takes so many seconds may start now.
    ///
    /// It may when it would end inside the same opening.
    package func decision(at now: Date, taking seconds: Int) -> StartDecision {
        if let blackout = blackout(at: now) { return .blackedOut(reason: blackout.reason, until: blackout.end) }
        let openings = openings(after: now, count: 6)
        guard openings.contains(where: { $0.latestStart(taking: seconds) != nil }) else {
            return openings.isEmpty ? .closed(next: nil) : .neverFits(needs: seconds)
        }
        let next = openings.first { $0.start > now && $0.latestStart(taking: seconds) != nil }
        guard let current = openings.first, current.contains(now) else { return .closed(next: next) }
        guard let latest = current.latestStart(taking: seconds), now <= latest else {
            return .tooLate(end: current.end, needs: max(seconds, current.cutoff), next: next)
        }
        return .allowed(until: current.end == .distantFuture ? nil : latest)
    }
}

extension StartDecision {
    /// Why a host is withheld, in one sentence; `nil` when it may start.
    package var reasonToWithhold: String? {
        switch self {
        case .allowed: nil
        case .blackedOut(let reason, let until): "a blackout holds until \(UTCText.minute(until)): \(reason)"
        case .closed(let next?): "its window is closed; it opens at \(UTCText.minute(next.start))"
        case .closed(nil): "its window is closed and never opens again"
        case .tooLate(let end, let needs, let next):
            "its window closes at \(UTCText.minute(end)), too early for a reboot that takes " + "\(Self.minutes(needs))"
                + Self.opens(next)
        case .neverFits(let needs): "none of its windows is as long as a reboot of it takes (\(Self.minutes(needs)))"
        }
    }

    private static func opens(_ next: Opening?) -> String {
        next.map { "; the next opens at \(UTCText.minute($0.start))" } ?? ""
    }

    private static func minutes(_ seconds: Int) -> String { "\((seconds + 59) / 60) min" }
}
