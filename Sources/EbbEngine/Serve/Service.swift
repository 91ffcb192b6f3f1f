package import EbbLocal
package import EbbModel
import EbbPlan
import EbbStore
import EbbTransport
import FoundationEssentials
import Synchronization

/// What `ebb serve` does by itself: schedules, observations, checks of the evidence.
///
/// Each kind of work has rounds of its own, until its task is cancelled; a round that meets an error
/// says so, and the next one comes all the same.
package final class Service: Sendable {
    /// What the rounds work with; read anew by each.
    package struct Fleet: Sendable {
        /// Has every host of the inventory.
        package let driver: RolloutDriver
        /// What holds for the controller.
        package let settings: FleetSettings

        package init(driver: RolloutDriver, settings: FleetSettings) {
            (self.driver, self.settings) = (driver, settings)
        }
    }

    private let notes: Notes
    private let watch: @Sendable (@escaping @Sendable (Notice) -> Void) -> @Sendable (RolloutEvent) -> Void
    private let current: Mutex<Fleet>
    private let away = Pauses<HostName>(120)
    private let unresumable = Pauses<RolloutID>(300)
    /// Hosts that stayed away: asked less and less often, for their boots are no longer news.
    private let undecided = Pauses<HostName>(120, upTo: 3_600)

    /// How often the schedules are read.
    private static let tick = Duration.seconds(10)

    /// `watch` makes who is told of rollouts, from a way to post notices.
    package init(
        _ fleet: Fleet, notes: Notes,
        watch: @escaping @Sendable (@escaping @Sendable (Notice) -> Void) -> @Sendable (RolloutEvent) -> Void
    ) {
        current = Mutex(fleet)
        (self.notes, self.watch) = (notes, watch)
    }

    private var fleet: Fleet { current.withLock(\.self) }

    /// Works with another fleet from the next rounds on.
    package func replace(_ fleet: Fleet) { current.withLock { $0 = fleet } }

    /// Works until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepSchedule() }
            group.addTask { await self.observe() }
            group.addTask { await self.judgeLate() }
            group.addTask { await self.verify() }
        }
    }

    /// Starts what is due, resumes what was left, reports what was missed.
    private func keepSchedule() async {
        await rounds(every: Self.tick) { service, fleet in
            try await Notifier.lend(fleet.settings, notes: service.notes) { post in
                _ = try await ScheduleTurn(
                    fleet.driver.telling(service.watch(post)), notes: service.notes, away: service.away,
                    unresumable: service.unresumable, post: post
                ).take()
            }
        }
    }

    /// Observes hosts before the last observation of them grows old.
    private func observe() async {
        await rounds(every: .seconds(15)) { service, fleet in
            let engine = fleet.driver.engine
            let due = try await DueObservations(fleet: fleet, store: engine.store).hosts(at: engine.clock.date())
            if !due.isEmpty { try await service.observe(due, engine) }
        }
    }

    private func observe(_ hosts: [HostSettings], _ engine: Engine) async throws {
        var reached = 0
        let seen = try await engine.each(hosts) { settings throws(StoreError) in
            try await engine.observe(settings, kind: .drift)
        }
        for (host, error) in seen.failed { notes.problem("\(host)", error) }
        for seen in seen.done {
            let host = seen.settings.host
            if let error = seen.transportError {
                notes.note("\(host): not reached: \(error.message)")
            } else {
                reached += 1
            }
            guard let end = seen.unorderedBoot else { continue }
            let words = "\(host): rebooted, not by Ebb: \(end.message)"
            if end.reason == .proven { notes.note(words) } else { notes.warning(words) }
        }
        notes.note("observed \(reached) of \(hosts.count) hosts")
    }

    /// Asks hosts that stayed away whether their boot can be judged now, so that a slot is not kept
    /// longer than nobody knows.
    private func judgeLate() async {
        await rounds(every: .seconds(120)) { service, fleet in
            let now = fleet.driver.engine.clock.date()
            try await fleet.driver.telling(service.watch { _ in }).judgeLate { host in
                guard service.undecided.mayTry(host, at: now) else { return false }
                service.undecided.failed(host, at: now)
                return true
            }
        }
    }

    /// Goes through the evidence chain now and then.
    private func verify() async {
        await rounds(every: nil) { service, fleet in
            let engine = fleet.driver.engine
            let report = try await engine.store.verifyChain()
            guard let first = report.faults.first else { return }
            let text = "the evidence is not as it was written: row \(first.evidence.value): " + first.message
            service.notes.problem(text)
            try await Notifier.lend(fleet.settings, notes: service.notes) { post in
                post(Notice(event: .failure, at: engine.clock.date(), subject: text))
            }
        }
    }

    /// Does one kind of work with the fleet as it is at each time, until the task is cancelled;
    /// without a pause of its own, as often as the fleet wants its evidence verified.
    ///
    /// - Important: The work stays a closure that is called: Swift 6.3.1 does not come to an end with
    ///   optimising these loops when the work stands in them.
    @inline(never) private func rounds(every pause: Duration?, _ work: (Service, Fleet) async throws -> Void) async {
        while !Task.isCancelled {
            let fleet = fleet
            do { try await work(self, fleet) } catch { notes.problem("", error) }
            try? await fleet.driver.engine.clock.sleep(pause ?? .seconds(fleet.settings.verifyEvery))
        }
    }
}

/// Which hosts want to be observed again.
struct DueObservations: Sendable {
    let fleet: Service.Fleet
    let store: Store

    /// A host that was not reached is asked again after this, in seconds, if not earlier.
    private static let retry = 900

    /// The hosts whose last observation is as old as it may grow; none that a rollout holds.
    ///
    /// In the middle of a reboot one would only say that the host is not there. A rollout that nobody
    /// runs any more holds no host back.
    func hosts(at now: Date) async throws(StoreError) -> [HostSettings] {
        var held: Set<HostName> = []
        for rollout in try await store.unfinishedRollouts() where !fleet.driver.held.isAbandoned(rollout) {
            held.formUnion(rollout.hosts.map(\.host))
        }
        var due: [HostSettings] = []
        for settings in fleet.driver.fleet where !held.contains(settings.host) {
            let every = fleet.settings.observeEvery(settings)
            guard let last = try await store.latestObservation(of: settings.host) else {
                due.append(settings)
                continue
            }
            let wasReached = last.observation?.isReachable ?? false
            let limit = wasReached ? every : min(every, Self.retry)
            let age = now.timeIntervalSince(last.observedAt)
            // One from the future tells of a clock that was wrong: observe again.
            if age >= Double(limit) || age < -60 { due.append(settings) }
        }
        return due
    }
}
