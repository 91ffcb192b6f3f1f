import EbbEngine
import EbbLocal
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// One look at the schedules, and everything that follows from it.
///
/// Windows that passed are reported, runs that a dead controller left are resumed, windows that
/// are over are closed, and what is due is started: all hosts of all windows that are open in one
/// rollout, so that one budget holds for them. The record that a window is taken and the rollout in
/// it are written in one transaction: a crash before it leaves the window due, a crash after it
/// leaves a rollout to resume.
struct ScheduleTurn: Sendable {
    /// What a turn came to.
    struct Outcome: Sendable {
        var rollouts: [RolloutID] = []
        /// What a person should know: windows that were missed, hosts that were not reached.
        var missed: [String] = []
        /// Runs that a dead controller left and that could not be resumed, each with why.
        var failed: [(rollout: RolloutID, message: String)] = []
        /// A run that is under way elsewhere; nothing was started because of it.
        var waitsFor: RolloutID?
    }

    let fleet: Fleet
    let store: Store
    let notes: Notes
    let post: @Sendable (Notice) -> Void
    let aborts: AbortSwitch
    /// The rollouts that this process runs now.
    let held: HeldRollouts
    var away = AwayHosts()

    func take() async throws -> Outcome {
        var outcome = Outcome()
        try await goOn(&outcome)
        let book = try await read()
        for page in book.pages {
            for opening in page.review.missed {
                try await miss(opening, page.schedule, &outcome)
            }
            for taken in page.review.over { try await close(taken, page.schedule, &outcome) }
        }
        if let busy = book.pages.compactMap(\.review.underWay?.run).first {
            outcome.waitsFor = RolloutID(busy)
            return outcome
        }
        if !aborts.isThrown, let rollout = try await start(book) {
            outcome.rollouts.append(rollout)
        }
        return outcome
    }

    private func read() async throws -> ScheduleBook {
        try await ScheduleBook.read(
            fleet.all, store, at: Date(), held: held.rollouts, writes: true)
    }

    /// Goes on with the runs in windows that a dead controller left.
    ///
    /// One that cannot be resumed keeps its own hosts back, and nobody else's.
    private func goOn(_ outcome: inout Outcome) async throws {
        let book = try await read()
        let runs = Set(book.pages.flatMap { $0.review.interrupted.compactMap(\.run) })
        for rollout in book.left where runs.contains(rollout.id.value) && !aborts.isThrown {
            guard held.mayResume(rollout.id, at: Date()) else { continue }
            do {
                try await resume(rollout)
                outcome.rollouts.append(rollout.id)
            } catch {
                held.failed(rollout.id, at: Date())
                let lines = causeChain(of: error).map { PrintableText.line($0) }
                let message = lines.joined(separator: ": ")
                outcome.failed.append((rollout.id, message))
                notes.problem("rollout \(rollout.id.value) cannot be resumed: \(message)")
            }
        }
    }

    /// Reports a window that nobody took; each is reported by one process, and once.
    private func miss(
        _ opening: Opening, _ schedule: Schedule, _ outcome: inout Outcome
    ) async throws {
        let slot = ScheduleSlot(
            schedule: schedule.name, opensAt: opening.window, state: .missed,
            recordedAt: Date())
        guard try await store.record(slot) else { return }
        let text =
            "the window of \(UTCText.minute(opening.start)) passed and nothing was started in it "
            + "(\(schedule.name))"
        outcome.missed.append(text)
        notes.warning(text)
        post(
            Notice(
                event: .missed, at: Date(), subject: text,
                hosts: schedule.hosts.map { .init(host: $0, state: "missed", message: "") }))
    }

    /// Closes a window that was taken, and reports the hosts that it did not reach.
    private func close(
        _ taken: ScheduleReview.Taken, _ schedule: Schedule, _ outcome: inout Outcome
    ) async throws {
        do throws(StoreError) {
            try await store.update(taken.slot, state: .done, run: nil)
        } catch {
            // Another process closed it, and reported what there was to report.
            if error.code == .invalidTransition { return }
            throw error
        }
        let left = try await ScheduleCandidates(fleet: fleet, store: store)
            .unreached(schedule, in: taken.opening)
        guard !left.isEmpty else { return }
        let names = left.map(\.host.text).joined(separator: ", ")
        let text =
            "the window of \(UTCText.minute(taken.slot.opensAt)) closed without a reboot of \(names)"
        outcome.missed.append(text)
        notes.warning(text)
        post(
            Notice(
                event: .missed, at: Date(), rollout: taken.slot.run, subject: text, hosts: left))
    }

    /// Goes on with a rollout whose process is gone.
    private func resume(_ rollout: StoredRollout) async throws {
        do {
            try await driver().resume(rollout)
        } catch let error as StoreError
            where error.code == .fenced || error.code == .invalidTransition
        {
            // Somebody else was faster, and goes on with it.
        }
    }

    private func driver() async throws -> RolloutDriver {
        try await fleet.driver(
            aborts: aborts, held: held, RolloutWatcher(notes: notes, post: post))
    }

    /// Starts one rollout for every host that is due now; `nil` when there is none.
    private func start(_ book: ScheduleBook) async throws -> RolloutID? {
        var slots: [ScheduleSlot] = []
        var openings: [HostName: Opening] = [:]
        let now = Date()
        for page in book.pages {
            let opening: Opening
            if let due = page.review.due {
                opening = due
                slots.append(
                    ScheduleSlot(
                        schedule: page.schedule.name, opensAt: due.window, state: .claimed,
                        recordedAt: now))
            } else if let taken = page.review.taken {
                guard try await mayGoOn(taken.slot) else { continue }
                opening = taken.opening
                slots.append(taken.slot)
            } else {
                continue
            }
            for host in page.schedule.hosts { openings[host] = opening }
        }
        guard !slots.isEmpty else { return nil }
        var hosts = try await ScheduleCandidates(fleet: fleet, store: store, away: away)
            .due(openings, at: now)
        // Hosts that another rollout holds are left out; each round leaves out those that are found.
        for _ in 0..<5 {
            let driver = try await driver()
            let plan = try await driver.plan(hosts)
            for withheld in plan.withheld {
                notes.detail("\(withheld.host): withheld: \(withheld.reason)")
            }
            guard !plan.hosts.isEmpty else {
                // Nothing to reboot is no missed window: it is taken, and stays open for who comes.
                for slot in slots where slot.run == nil {
                    guard try await store.record(slot) else { continue }
                    let opened = UTCText.minute(slot.opensAt)
                    notes.note("the window of \(opened) is open, and no host is due in it now")
                }
                return nil
            }
            do {
                let names = plan.hosts.count > 8 ? ["scheduled"] : plan.hosts.map(\.text)
                return try await driver.start(
                    plan, pattern: names.joined(separator: ":"), in: slots)
            } catch let error as StoreError where error.code == .hostsBusy && !error.busy.isEmpty {
                let busy = Set(error.busy.map(\.host))
                for host in error.busy {
                    notes.detail("\(host.host): rollout \(host.rollout.value) holds it")
                }
                hosts.removeAll { busy.contains($0.host) }
            }
        }
        return nil
    }

    /// Whether hosts that were not reached may be tried again in a window.
    ///
    /// Not after a run that spent its failure budget, or that a person ended: that was the answer.
    private func mayGoOn(_ slot: ScheduleSlot) async throws -> Bool {
        guard let run = slot.run else { return true }
        return try await store.rollout(RolloutID(run)).state == .finished
    }
}
