package import FoundationEssentials

/// One opening of a schedule that was taken: a record of it exists before anything is done in it.
///
/// A store keeps at most one for a schedule and an opening, so that two controllers, or one that
/// crashed and came back, cannot take the same opening twice.
package struct ScheduleSlot: Hashable, Sendable, Codable {
    /// What became of the opening.
    package enum State: String, Sendable, Codable, CaseIterable {
        /// Taken; the run is under way, or its controller died. Next: `done`, `interrupted`.
        case claimed
        /// The run came to its end; final.
        case done
        /// The controller died and the run was not resumed; final.
        case interrupted
        /// Nobody took the opening while it lasted; final.
        case missed
    }

    /// The schedule's name, unique in the inventory.
    package let schedule: String
    /// When the opening began, in absolute time.
    package let opensAt: Date
    package var state: State
    /// When it was taken, or found to be missed.
    package let recordedAt: Date
    /// The run that was started in it, if any.
    package var run: Int64?

    package init(schedule: String, opensAt: Date, state: State, recordedAt: Date, run: Int64? = nil) {
        (self.schedule, self.opensAt, self.state, self.recordedAt) = (schedule, opensAt, state, recordedAt)
        self.run = run
    }
}
