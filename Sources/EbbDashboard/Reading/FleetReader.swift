import EbbCompliance
package import EbbModel
import EbbPlan
package import EbbStore
package import FoundationEssentials

/// Reads the store; an answer may be some seconds old.
///
/// A page that many people keep open costs one reading for all of them. A fleet that takes a while to
/// read is read while its pages show what was read before; every page says when that was.
package actor FleetReader {
    package let store: Store
    /// What the inventory says, without its secrets; the process that reads the inventory writes it as JSON.
    private(set) var fleet: [HostSettings]
    private let now: @Sendable () -> Date
    private let limits: Limits
    private var latest: FleetSnapshot?
    private var reading: Task<FleetSnapshot, any Error>?
    /// Which reading of the inventory `latest` and `reading` are of.
    private var edition = 0
    /// Whether pages are not to wait for the next reading.
    private var isSlow = false

    /// How old an answer may be, in seconds.
    package struct Limits: Sendable {
        /// Up to this age nothing is read again.
        var patience = 3.0
        /// Up to this age the last answer is given while a slow fleet is read again.
        var oldest = 30.0
        /// A fleet that takes longer to read than this is a slow one.
        var quick = 0.1
    }

    package init(
        store: Store, fleet: [HostSettings], limits: Limits = Limits(), now: @escaping @Sendable () -> Date = { Date() }
    ) { (self.store, self.fleet, self.limits, self.now) = (store, fleet, limits, now) }

    /// Takes a new reading of the inventory.
    package func use(_ fleet: [HostSettings]) {
        self.fleet = fleet
        edition += 1
        latest = nil
        reading = nil
    }

    /// The time of this reader's clock.
    package func clock() -> Date { now() }

    /// The fleet as it is now, or was a moment ago.
    func snapshot() async throws -> FleetSnapshot {
        if let latest {
            let age = abs(now().timeIntervalSince(latest.readAt))
            if age <= limits.patience { return latest }
            if isSlow, age <= limits.oldest {
                _ = refreshed()
                return latest
            }
        }
        return try await refreshed().value
    }

    /// The reading that is under way, begun where there is none.
    private func refreshed() -> Task<FleetSnapshot, any Error> {
        if let reading { return reading }
        let task = Task { try await self.readAgain() }
        reading = task
        return task
    }

    private func readAgain() async throws -> FleetSnapshot {
        let edition = self.edition
        defer { if edition == self.edition { reading = nil } }
        let began = ContinuousClock.now
        let snapshot = try await Self.read(store, fleet, at: now())
        if edition == self.edition {
            latest = snapshot
            isSlow = ContinuousClock.now - began > .seconds(limits.quick)
        }
        return snapshot
    }

    @concurrent private static func read(_ store: Store, _ fleet: [HostSettings], at now: Date) async throws
        -> FleetSnapshot
    {
        let settings = Dictionary(fleet.map { ($0.host, $0) }, uniquingKeysWith: { first, _ in first })
        let names = Set(settings.keys).union(try await store.hosts()).sorted()
        let facts = try await store.complianceFacts(
            for: names, pathLimit: 100, acceptances: settings.mapValues(\.accept), now: now)
        // Many hosts share their windows.
        var openings: [RebootSettings: Opening?] = [:]
        let hosts = facts.map { facts -> FleetSnapshot.Host in
            let own = settings[facts.host]
            let judge = ComplianceJudge(
                policy: own?.compliance ?? .unset, declaredStrategy: own?.root?.strategy, now: now,
                // Whoever writes the settings writes presets out; where that was not done, what is declared today
                // is not known here.
                declared: own.flatMap { $0.presets.isEmpty ? $0.persistence : nil })
            let opening = own.flatMap { own -> Opening? in
                let opening = openings[own.reboot] ?? own.reboot.opening(after: now)
                openings[own.reboot] = .some(opening)
                return opening
            }
            return FleetSnapshot.Host(
                name: facts.host, settings: own, compliance: judge.judge(facts, groups: own?.groups ?? []),
                opening: opening)
        }
        return FleetSnapshot(
            readAt: now, hosts: hosts, undecided: try await store.undecidedAttempts(),
            rollouts: try await store.rollouts(limit: 50),
            flags: try await store.stopFlags().filter { $0.isInForce(at: now) },
            missed: try await store.slots(since: now.addingTimeInterval(-7 * 86_400)).filter { $0.state == .missed },
            tally: FleetTally(hosts))
    }
}

extension RebootSettings {
    /// The window that is open or opens next; `nil`: none is declared.
    fileprivate func opening(after now: Date) -> Opening? {
        guard !windows.isEmpty, let calendar = try? MaintenanceCalendar(windows: windows, blackouts: blackouts) else {
            return nil
        }
        return calendar.openings(after: now, count: 1).first
    }
}
