import EbbEngine
import EbbLocal
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import EbbTransport
import FoundationEssentials
import Synchronization

/// What `ebb serve` does by itself: schedules, looks at hosts, checks of the evidence.
///
/// Each kind of work has rounds of its own, until its task is cancelled; a round that meets an error
/// says so, and the next one comes all the same.
final class Service: Sendable {
    private let options: GlobalOptions
    private let store: Store
    private let notes: Notes
    private let current: Mutex<Fleet>
    private let held = HeldRollouts()
    private let away = AwayHosts()
    private let aborts = AbortSwitch()

    /// How often the schedules are looked at.
    private static let tick = Duration.seconds(10)

    init(options: GlobalOptions, store: Store, fleet: Fleet) {
        self.options = options
        self.store = store
        notes = options.notes
        current = Mutex(fleet)
    }

    private var fleet: Fleet { current.withLock(\.self) }

    /// Reads the inventory again; one with problems changes nothing.
    func reload(_ file: FleetFile) async {
        do {
            let fleet = try await Fleet.load(options, pattern: "all", store: store)
            try file.write(fleet)
            current.withLock { $0 = fleet }
            notes.note("the inventory was read again: \(fleet.all.count) hosts")
        } catch {
            notes.problem("the inventory is not taken over, the one before stays in force")
            tell(error)
        }
    }

    /// Starts what is due, goes on with what was left, reports what was missed.
    func keepSchedule() async {
        await rounds(every: Self.tick) { service, fleet in
            _ = try await NoticePost.lend(fleet.settings, notes: service.notes) { post in
                try await ScheduleTurn(
                    fleet: fleet, store: service.store, notes: service.notes, post: post,
                    aborts: service.aborts, held: service.held, away: service.away
                ).take()
            }
        }
    }

    /// Looks at hosts before the last look at them grows old.
    func collect() async {
        await rounds(every: .seconds(15)) { service, fleet in
            let due = try await DueLooks(
                fleet: fleet, store: service.store, held: service.held
            ).hosts(at: Date())
            if !due.isEmpty { try await service.look(at: due, fleet) }
        }
    }

    /// Asks hosts that stayed away whether their boot can be judged now, so that a slot is not kept
    /// longer than nobody knows.
    func judgeLate() async {
        await rounds(every: .seconds(120)) { service, fleet in
            try await fleet.driver(RolloutWatcher(notes: service.notes)).judgeLate(backingOff: true)
        }
    }

    private func look(at hosts: [HostSettings], _ fleet: Fleet) async throws {
        let engine = try await fleet.engine()
        let looks = try await engine.each(hosts) { settings throws(StoreError) in
            try await engine.observe(settings, kind: .drift)
        }
        _ = notes.problems(looks.failed)
        var reached = 0
        for look in looks.done {
            if let error = look.transportError {
                notes.note("\(look.settings.host): not reached: \(error.message)")
            } else {
                reached += 1
            }
            if let end = look.unorderedBoot {
                let words =
                    "\(look.settings.host): booted without being told by Ebb: \(end.message)"
                if end.reason == .proven { notes.note(words) } else { notes.warning(words) }
            }
        }
        notes.note("looked at \(reached) of \(hosts.count) hosts")
    }

    /// Goes through the evidence chain now and then.
    func verify() async {
        await rounds(every: nil) { service, fleet in
            let report = try await service.store.verifyChain()
            guard let first = report.faults.first else { return }
            let text =
                "the evidence is not as it was written: row \(first.evidence.value): "
                + first.message
            service.notes.problem(text)
            _ = try await NoticePost.lend(fleet.settings, notes: service.notes) { post in
                post(Notice(event: .failure, at: Date(), subject: text))
            }
        }
    }

    /// Does one kind of work with the fleet as it is at each time, until the task is cancelled;
    /// without a pause of its own, as often as the fleet wants its evidence verified.
    ///
    /// - Important: The work stays a closure that is called: Swift 6.3.1 does not come to an end with
    ///   optimising these loops when the work stands in them.
    @inline(never)
    private func rounds(
        every pause: Duration?, _ work: (Service, Fleet) async throws -> Void
    ) async {
        while !Task.isCancelled {
            let fleet = fleet
            do {
                try await work(self, fleet)
            } catch {
                tell(error)
            }
            try? await Task.sleep(for: pause ?? .seconds(fleet.settings.verifyEvery))
        }
    }

    private func tell(_ error: any Error) {
        let lines = causeChain(of: error).map { PrintableText.line($0) }
        notes.problem(lines.joined(separator: ": "))
    }
}
