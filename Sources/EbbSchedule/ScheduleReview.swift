package import EbbModel
package import FoundationEssentials

/// Where a schedule stands at a moment: what is due, what went wrong, what is next.
package struct ScheduleReview: Hashable, Sendable {
    /// An open window that nobody took: record a claim of it, then start.
    package let due: Opening?
    /// A window that was taken, is still open, and whose run goes on.
    package let underWay: ScheduleSlot?
    /// Windows that passed without anybody taking them; each is to be reported once.
    package let missed: [Opening]
    /// Windows that were taken by a controller that died.
    ///
    /// They are never taken again: what that controller started is reconciled from its journal,
    /// and the hosts that it did not reach have missed the window.
    package let interrupted: [ScheduleSlot]
    /// The next window that has not opened yet.
    package let next: Opening?
}

extension Schedule {
    /// What a controller must know of the past to review a schedule.
    package struct History: Hashable, Sendable {
        /// When anybody first looked at the schedule; what passed before was not missed.
        package var knownSince: Date
        /// Every window that was taken or reported as missed.
        package var slots: [ScheduleSlot]
        /// Runs that a living controller holds now.
        package var liveRuns: Set<Int64>

        package init(
            knownSince: Date, slots: [ScheduleSlot] = [], liveRuns: Set<Int64> = []
        ) {
            self.knownSince = knownSince
            self.slots = slots
            self.liveRuns = liveRuns
        }
    }

    /// How far back missed windows are looked for.
    private static let memory: TimeInterval = 92 * 86_400

    /// Where the schedule stands.
    ///
    /// A window is due once: a record of any kind for it, whatever its state, rules it out.
    package func review(at now: Date, _ history: History) -> ScheduleReview {
        let own = history.slots.filter { $0.schedule == name }
        let taken = Set(own.map(\.opensAt))
        let from = max(history.knownSince, now.addingTimeInterval(-Self.memory))
        let past = from < now ? calendar.openings(in: from..<now) : []
        let current = calendar.opening(at: now)

        var missed: [Opening] = []
        for opening in past
        where opening.end <= now && !taken.contains(opening.window)
            && opening.window != current?.window && missed.last?.window != opening.window
        {
            missed.append(opening)
        }
        let claimed = own.filter { $0.state == .claimed }
        let live = claimed.filter { slot in slot.run.map(history.liveRuns.contains) ?? false }
        return ScheduleReview(
            due: current.flatMap { taken.contains($0.window) ? nil : $0 },
            underWay: live.max { $0.opensAt < $1.opensAt },
            missed: missed,
            interrupted: claimed.filter { !live.contains($0) },
            next: calendar.openings(after: now, count: 3).first { $0.start > now })
    }
}
