import EbbCompliance
import EbbModel
import EbbSchedule
package import EbbStore
package import FoundationEssentials

/// Reads the store; an answer may be some seconds old.
///
/// A page that many people keep open costs one reading for all of them.
package actor FleetReader {
    package let store: Store
    private var directory: FleetDirectory
    private let now: @Sendable () -> Date
    /// How old a snapshot may be, in seconds.
    private let patience: Double
    private var latest: FleetSnapshot?
    private var reading: Task<FleetSnapshot, any Error>?

    package init(
        store: Store, directory: FleetDirectory, patience: Double = 3,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.directory = directory
        self.patience = patience
        self.now = now
    }

    /// Takes a new reading of the inventory.
    package func use(_ directory: FleetDirectory) {
        self.directory = directory
        latest = nil
    }

    /// What the inventory says.
    package var settings: FleetDirectory { directory }

    /// The time of this reader's clock.
    package func clock() -> Date { now() }

    /// The fleet as it is now, or was a moment ago.
    package func snapshot() async throws -> FleetSnapshot {
        if let latest, abs(now().timeIntervalSince(latest.readAt)) <= patience { return latest }
        if let reading { return try await reading.value }
        // Awaited below by whoever came first, and by everybody who comes meanwhile.
        let task = Task { [store, directory, now] in
            try await Self.read(store, directory, at: now())
        }
        reading = task
        defer { reading = nil }
        let snapshot = try await task.value
        latest = snapshot
        return snapshot
    }

    private static func read(
        _ store: Store, _ directory: FleetDirectory, at now: Date
    ) async throws -> FleetSnapshot {
        let settings = directory.byName
        let names = Set(settings.keys).union(try await store.hosts()).sorted()
        let facts = try await store.complianceFacts(for: names, pathLimit: 100)
        var openings: [Windows: Opening?] = [:]
        let hosts = facts.map { facts -> FleetSnapshot.Host in
            let own = settings[facts.host]
            let judge = ComplianceJudge(
                policy: own?.compliance ?? CompliancePolicy(),
                declaredStrategy: own?.root?.strategy, now: now)
            let windows = Windows(own?.reboot)
            let opening = openings[windows] ?? windows.next(after: now)
            openings[windows] = opening
            return FleetSnapshot.Host(
                name: facts.host, settings: own,
                compliance: judge.judge(facts, groups: own?.groups ?? []), opening: opening)
        }
        return FleetSnapshot(
            readAt: now, hosts: hosts, undecided: try await store.undecidedAttempts(),
            rollouts: try await store.rollouts(limit: 50),
            flags: try await store.stopFlags().filter { $0.isInForce(at: now) },
            missed: try await store.slots(since: now.addingTimeInterval(-7 * 86_400))
                .filter { $0.state == .missed })
    }

    /// Many hosts share their windows.
    private struct Windows: Hashable {
        let windows: [WindowSettings]
        let blackouts: [BlackoutSettings]

        init(_ settings: RebootSettings?) {
            windows = settings?.windows ?? []
            blackouts = settings?.blackouts ?? []
        }

        func next(after now: Date) -> Opening? {
            guard !windows.isEmpty,
                let calendar = try? MaintenanceCalendar(windows: windows, blackouts: blackouts)
            else { return nil }
            return calendar.openings(after: now, count: 1).first
        }
    }
}
