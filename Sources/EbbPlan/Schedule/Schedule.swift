package import EbbModel
package import FoundationEssentials

/// Hosts that are rebooted together whenever their windows open.
package struct Schedule: Hashable, Sendable {
    /// The windows in words; equal windows have equal names, whatever the hosts are called.
    package let name: String
    /// The windows, less the blackouts that all of the hosts have.
    ///
    /// Blackouts of some of the hosts are left to `RebootGate`, which gives each its reason.
    package let calendar: MaintenanceCalendar
    package let hosts: [HostName]

    /// One schedule for all hosts with the same windows, by name.
    ///
    /// Hosts without a window are in none: nothing reboots them by itself.
    package static func schedules(of fleet: [HostSettings]) throws(InvalidWindow) -> [Schedule] {
        var members: [[WindowSettings]: [HostSettings]] = [:]
        for settings in fleet where !settings.reboot.windows.isEmpty {
            members[settings.reboot.windows, default: []].append(settings)
        }
        var schedules: [Schedule] = []
        for (windows, hosts) in members {
            let all = hosts.map { Set($0.reboot.blackouts) }
            let shared = all.dropFirst().reduce(all[0]) { $0.intersection($1) }
            let calendar = try MaintenanceCalendar(
                windows: windows, blackouts: shared.sorted { ($0.first, $0.reason) < ($1.first, $1.reason) })
            schedules.append(Schedule(name: name(of: windows), calendar: calendar, hosts: hosts.map(\.host).sorted()))
        }
        return schedules.sorted { $0.name < $1.name }
    }

    private static func name(of windows: [WindowSettings]) -> String {
        windows.map { window in
            "\(window.recurrence) at \(window.start) \(window.timezone) for "
                + (window.duration % 60 == 0 ? "\(window.duration / 60) min" : "\(window.duration) s")
                + (window.from.map { " from \($0)" } ?? "")
        }.joined(separator: " and ")
    }
}

/// Where a schedule stands at a moment: what is due, what went wrong, what is next.
package struct ScheduleReview: Hashable, Sendable {
    /// An open window that nobody took: record a claim of it, then start.
    package let due: Opening?
    /// A window that was taken and is still open; its run has ended.
    ///
    /// Hosts that could not be tried then may be tried now.
    package let taken: Taken?
    /// A window that was taken and whose run goes on.
    package let underWay: ScheduleSlot?
    /// Windows that passed without anybody taking them; each is to be reported once.
    package let missed: [Opening]
    /// Windows whose run is left behind by a controller that died.
    ///
    /// They are never taken again: the run is resumed from its journal. Hosts whose turn comes
    /// after the window has closed are left alone, and have missed it.
    package let interrupted: [ScheduleSlot]
    /// Windows that were taken and have closed, their runs at an end: note that they are over.
    package let over: [Taken]
    /// The next window that has not opened yet.
    package let next: Opening?

    /// A window with the record of who took it.
    package struct Taken: Hashable, Sendable {
        package let slot: ScheduleSlot
        /// The part of the window that is open, or was the last to close.
        package let opening: Opening
    }
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
        /// Runs that have not ended, and whose controller is gone.
        package var deadRuns: Set<Int64>

        package init(knownSince: Date, slots: [ScheduleSlot] = [], liveRuns: Set<Int64> = [], deadRuns: Set<Int64> = [])
        { (self.knownSince, self.slots, self.liveRuns, self.deadRuns) = (knownSince, slots, liveRuns, deadRuns) }
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

        let ahead = calendar.openings(after: now, count: 3)
        // A blackout may split a window: what is left of it can still be taken.
        let unfinished = Set(ahead.map(\.window))
        var missed: [Opening] = []
        for opening in past
        where opening.end <= now && !taken.contains(opening.window) && !unfinished.contains(opening.window)
            && missed.last?.window != opening.window
        { missed.append(opening) }
        let claimed = own.filter { $0.state == .claimed }
        func has(_ slot: ScheduleSlot, _ runs: Set<Int64>) -> Bool { slot.run.map(runs.contains) ?? false }
        let live = claimed.filter { has($0, history.liveRuns) }
        let dead = claimed.filter { has($0, history.deadRuns) }
        let ended = claimed.filter { !live.contains($0) && !dead.contains($0) }
        return ScheduleReview(
            due: current.flatMap { taken.contains($0.window) ? nil : $0 },
            taken: current.flatMap { current in
                ended.first { $0.opensAt == current.window }.map { .init(slot: $0, opening: current) }
            }, underWay: live.max { $0.opensAt < $1.opensAt }, missed: missed, interrupted: dead,
            over: ended.filter { !unfinished.contains($0.opensAt) }.map { slot in
                .init(slot: slot, opening: opening(of: slot, in: past))
            }, next: ahead.first { $0.start > now })
    }

    /// The window that a slot is for, as far as the calendar still has it.
    private func opening(of slot: ScheduleSlot, in past: [Opening]) -> Opening {
        past.last { $0.window == slot.opensAt } ?? Opening(start: slot.opensAt, end: slot.opensAt)
    }
}
