package import EbbLocal
package import EbbModel
package import EbbPlan
package import EbbStore
import FoundationEssentials

/// One reading of the schedules, and everything that follows from it.
///
/// Windows that passed are reported, rollouts that a dead controller left are resumed, windows that
/// are over are closed, and what is due is started: all hosts of all windows that are open in one
/// rollout, so that one budget holds for them. The record that a window is taken and the rollout in
/// it are written in one transaction: a crash before it leaves the window due, a crash after it
/// leaves a rollout to resume.
package struct ScheduleTurn: Sendable {
    /// What a turn came to.
    package struct Outcome: Sendable {
        package var rollouts: [RolloutID] = []
        /// What a person should know: windows that were missed, hosts that were not reached.
        package var missed: [String] = []
        /// Hosts that were due, and that a gate left out.
        package var withheld: [RebootPlan.Withheld] = []
        /// Rollouts that a dead controller left and that could not be resumed, each with why.
        package var failed: [(rollout: RolloutID, message: String)] = []
        /// A rollout that is under way elsewhere; nothing was started because of it.
        package var waitsFor: RolloutID?

        /// What the turn itself means for the exit, beside how its rollouts ended.
        package var exitStatus: ExitStatus {
            // How the hosts of a rollout stand that could not be resumed is not known. Those that are
            // withheld are reported when their window closes, not before.
            (missed.isEmpty ? ExitStatus.success : .findings).merged(with: failed.isEmpty ? .success : .incomplete)
        }
    }

    private let driver: RolloutDriver
    private let notes: Notes
    private let post: @Sendable (Notice) -> Void
    private let candidates: ScheduleCandidates
    /// Rollouts that could not be resumed a moment ago.
    private let unresumable: Pauses<RolloutID>

    /// A process that takes many turns brings what it learnt of hosts and rollouts that failed.
    package init(
        _ driver: RolloutDriver, notes: Notes, away: Pauses<HostName> = Pauses(120),
        unresumable: Pauses<RolloutID> = Pauses(300), post: @escaping @Sendable (Notice) -> Void
    ) {
        (self.driver, self.notes, self.post, self.unresumable) = (driver, notes, post, unresumable)
        candidates = ScheduleCandidates(engine: driver.engine, fleet: driver.fleet, away: away)
    }

    private var store: Store { driver.store }
    private var now: Date { driver.engine.clock.date() }

    /// Takes the turn, and waits for the end of what it starts.
    package func take() async throws -> Outcome {
        var outcome = Outcome()
        try await resume(&outcome)
        let book = try await read()
        for page in book.pages {
            for opening in page.review.missed { try await miss(opening, page.schedule, &outcome) }
            for taken in page.review.over { try await close(taken, page.schedule, &outcome) }
        }
        if let busy = book.pages.compactMap(\.review.underWay?.run).first {
            outcome.waitsFor = RolloutID(busy)
        } else if !driver.aborts.isThrown {
            try await start(book, &outcome)
        }
        return outcome
    }

    private func read() async throws -> ScheduleBook {
        try await ScheduleBook.read(driver.fleet, store, at: now, held: driver.held, writes: true)
    }

    /// Resumes the rollouts in windows that a dead controller left.
    ///
    /// One that cannot be resumed keeps its own hosts back, and nobody else's.
    private func resume(_ outcome: inout Outcome) async throws {
        let book = try await read()
        let runs = Set(book.pages.flatMap { $0.review.interrupted.compactMap(\.run) })
        for rollout in book.left where runs.contains(rollout.id.value) && !driver.aborts.isThrown {
            guard unresumable.mayTry(rollout.id, at: now) else { continue }
            do {
                try await driver.resume(rollout)
                outcome.rollouts.append(rollout.id)
            } catch let error as StoreError where error.code == .fenced || error.code == .invalidTransition {
                // Somebody else was faster, and resumes it.
            } catch {
                unresumable.failed(rollout.id, at: now)
                let message = causeChain(of: error).map { PrintableText.line($0) }.joined(separator: ": ")
                outcome.failed.append((rollout.id, message))
                notes.problem("rollout \(rollout.id.value) cannot be resumed: \(message)")
            }
        }
    }

    /// Reports a window that nobody took; each is reported by one process, and once.
    private func miss(_ opening: Opening, _ schedule: Schedule, _ outcome: inout Outcome) async throws {
        let slot = ScheduleSlot(schedule: schedule.name, opensAt: opening.window, state: .missed, recordedAt: now)
        guard try await store.record(slot) else { return }
        report(
            "the window of \(UTCText.minute(opening.start)) passed and nothing was started in it "
                + "(\(schedule.name))", nil, schedule.hosts.map { .init(host: $0, state: "missed", message: "") },
            &outcome)
    }

    /// Closes a window that was taken, and reports the hosts that it did not reach.
    private func close(_ taken: ScheduleReview.Taken, _ schedule: Schedule, _ outcome: inout Outcome) async throws {
        do throws(StoreError) { try await store.update(taken.slot, state: .done, run: nil) } catch {
            // Another process closed it, and reported what there was to report.
            if error.code == .invalidTransition { return }
            throw error
        }
        let left = try await candidates.unreached(schedule, in: taken.opening)
        guard !left.isEmpty else { return }
        let names = left.map(\.host.text).joined(separator: ", ")
        report(
            "the window of \(UTCText.minute(taken.slot.opensAt)) closed without a reboot of \(names)", taken.slot.run,
            left, &outcome)
    }

    private func report(_ text: String, _ run: Int64?, _ hosts: [Notice.Mention], _ outcome: inout Outcome) {
        outcome.missed.append(text)
        notes.warning(text)
        post(Notice(event: .missed, at: now, rollout: run, subject: text, hosts: hosts))
    }

    /// Starts one rollout for every host that is due now, where there is one.
    private func start(_ book: ScheduleBook, _ outcome: inout Outcome) async throws {
        var slots: [ScheduleSlot] = []
        var openings: [HostName: Opening] = [:]
        let now = now
        for page in book.pages {
            let opening: Opening
            if let due = page.review.due {
                opening = due
                slots.append(
                    ScheduleSlot(schedule: page.schedule.name, opensAt: due.window, state: .claimed, recordedAt: now))
            } else if let taken = page.review.taken, try await mayTryAgain(taken.slot) {
                opening = taken.opening
                slots.append(taken.slot)
            } else {
                continue
            }
            for host in page.schedule.hosts { openings[host] = opening }
        }
        guard !slots.isEmpty else { return }
        var hosts = try await candidates.due(openings, at: now)
        var busy: [RebootPlan.Withheld] = []
        // Hosts that another rollout holds are left out; each round leaves out those that are found.
        for _ in 0..<5 {
            let plan = try await driver.plan(hosts)
            outcome.withheld = plan.withheld + busy
            guard !plan.hosts.isEmpty else { break }
            do {
                let names = plan.hosts.count > 8 ? ["scheduled"] : plan.hosts.map(\.text)
                let rollout = try await driver.start(plan, pattern: names.joined(separator: ":"), in: slots)
                if let rollout { outcome.rollouts.append(rollout) }
                return tellWithheld(outcome)
            } catch let error as StoreError where error.code == .hostsBusy && !error.busy.isEmpty {
                busy += error.busy.map {
                    RebootPlan.Withheld(host: $0.host, reason: "rollout \($0.rollout.value) holds it")
                }
                let names = Set(error.busy.map(\.host))
                hosts.removeAll { names.contains($0.host) }
            }
        }
        tellWithheld(outcome)
        guard outcome.rollouts.isEmpty else { return }
        // Nothing to reboot is no missed window: it is taken, and stays open for who comes.
        for slot in slots where slot.run == nil {
            guard try await store.record(slot) else { continue }
            notes.note("the window of \(UTCText.minute(slot.opensAt)) is open, and no host is due in it now")
        }
    }

    private func tellWithheld(_ outcome: Outcome) {
        for withheld in outcome.withheld { notes.detail("\(withheld.host): withheld: \(withheld.reason)") }
    }

    /// Whether hosts that were not reached may be tried again in a window.
    ///
    /// Not after a rollout that spent its failure budget, or that a person ended: that was the answer.
    private func mayTryAgain(_ slot: ScheduleSlot) async throws -> Bool {
        guard let run = slot.run else { return true }
        return try await store.rollout(RolloutID(run)).state == .finished
    }
}
