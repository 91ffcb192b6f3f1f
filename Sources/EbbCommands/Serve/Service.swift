import EbbEngine
import EbbModel
import EbbNotify
import EbbPlan
import EbbReport
import EbbStore
import EbbTransport
import FoundationEssentials
import Synchronization

/// What `ebb serve` does by itself: schedules, looks at hosts, checks of the evidence.
///
/// Each kind of work has a loop of its own; a loop that meets an error says so and goes on with its
/// next round.
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
        while true {
            let fleet = fleet
            do {
                _ = try await NoticePost.lend(fleet.settings, notes: notes) { [self] post in
                    try await ScheduleTurn(
                        fleet: fleet, store: store, notes: notes, post: post, aborts: aborts,
                        held: held, away: away
                    ).take()
                }
            } catch {
                tell(error)
            }
            try? await Task.sleep(for: Self.tick)
        }
    }

    /// Looks at hosts before the last look at them grows old.
    func collect() async {
        while true {
            do {
                let fleet = fleet
                let due = try await DueLooks(fleet: fleet, store: store).hosts(at: Date())
                if !due.isEmpty { try await look(at: due, fleet) }
            } catch {
                tell(error)
            }
            try? await Task.sleep(for: .seconds(15))
        }
    }

    /// Asks hosts that stayed away whether their boot can be judged now, so that a slot is not kept
    /// longer than nobody knows.
    func judgeLate() async {
        while true {
            do {
                let fleet = fleet
                for attempt in try await store.undecidedAttempts()
                where attempt.state == .inconclusive && attempt.override == nil {
                    guard let settings = fleet.all.first(where: { $0.host == attempt.host }),
                        let end = try await fleet.engine().judgeLate(attempt, settings)
                    else { continue }
                    notes.note("\(attempt.host): late: \(end.reason.rawValue), \(end.message)")
                }
            } catch {
                tell(error)
            }
            try? await Task.sleep(for: .seconds(120))
        }
    }

    private func look(at hosts: [HostSettings], _ fleet: Fleet) async throws {
        let engine = try await fleet.engine()
        let looks = await fanOut(over: hosts, limit: options.parallel) { settings in
            await Result { () async throws(StoreError) in
                try await engine.observe(settings, kind: .drift)
            }
        }
        var reached = 0
        for look in looks {
            let look = try look.get()
            if let error = look.transportError {
                notes.note("\(look.settings.host): not reached: \(error.message)")
            } else {
                reached += 1
            }
        }
        notes.note("looked at \(reached) of \(hosts.count) hosts")
    }

    /// Goes through the evidence chain now and then.
    func verify() async {
        while true {
            let pause = fleet.settings.verifyEvery
            do {
                let report = try await store.verifyChain()
                if !report.isIntact, let first = report.faults.first {
                    let text =
                        "the evidence is not as it was written: row \(first.evidence.value): "
                        + first.message
                    notes.problem(text)
                    _ = try await NoticePost.lend(fleet.settings, notes: notes) { post in
                        post(Notice(event: .failure, at: Date(), subject: text))
                    }
                }
            } catch {
                tell(error)
            }
            try? await Task.sleep(for: .seconds(pause))
        }
    }

    private func tell(_ error: any Error) {
        let lines = causeChain(of: error).map { PrintableText.line($0) }
        notes.problem(lines.joined(separator: ": "))
    }
}
