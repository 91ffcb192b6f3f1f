package import EbbModel
import EbbPlan
package import EbbStore
import FoundationEssentials

/// Rollouts that are ended by a person, or were by nobody.
extension RolloutDriver {
    /// Finds out what became of reboots that nobody saw to their end: brings interrupted rollouts over
    /// these hosts to their end, then asks hosts that stayed away whether their boot can be judged now.
    ///
    /// Throws when it is interrupted: who does not know how hosts stand starts nothing over them.
    package func reconcile(_ selected: [HostSettings]) async throws {
        let names = Set(selected.map(\.host))
        for rollout in try await store.unfinishedRollouts() {
            guard held.isAbandoned(rollout), rollout.hosts.contains(where: { names.contains($0.host) }) else {
                continue
            }
            try aborts.check()
            tell(.interrupted(rollout.id))
            try await store.requestAbort(
                of: rollout.id, author: "ebb", reason: "its process had ended when the next rollout was started",
                at: engine.clock.date())
            try await resume(rollout, startingMore: false)
        }
        try await judgeLate { names.contains($0) }
    }

    /// Asks hosts that stayed away too long whether their boot can be judged now; `backingOff` is for
    /// who asks again and again.
    package func judgeLate(backingOff: Bool = false, _ isWanted: (HostName) -> Bool = { _ in true }) async throws {
        for attempt in try await store.undecidedAttempts()
        where attempt.state == .inconclusive && attempt.override == nil && isWanted(attempt.host) {
            try aborts.check()
            guard let settings = fleet.first(where: { $0.host == attempt.host }),
                let end = try await engine.judgeLate(attempt, settings, backingOff: backingOff)
            else { continue }
            tell(.judgedLate(attempt.host, attempt.rollout, end))
        }
    }

    /// What asking a rollout to start nothing more came to.
    package enum AbortEnd: Sendable {
        /// Its process runs, and sees running hosts to their end.
        case isRunning
        /// Whether its process runs cannot be seen from here.
        case isElsewhere
        /// Its process was gone: who resumes it learns what became of the hosts.
        case isAbandoned
    }

    /// Records that a rollout shall start nothing more; a usage error where it has ended.
    package static func abort(_ rollout: StoredRollout, author: String, reason: String, in store: Store) async throws
        -> AbortEnd
    {
        do throws(StoreError) {
            try await store.requestAbort(of: rollout.id, author: author, reason: reason, at: Date())
        } catch {
            guard error.code == .invalidTransition else { throw error }
            throw hasEnded(try await store.rollout(rollout.id), nothingTo: "abort")
        }
        switch ControllerProcess.isRunning(rollout.controller) {
        case true?: return .isRunning
        case false?: return .isAbandoned
        case nil: return .isElsewhere
        }
    }

    /// Says of a rollout that has ended that nothing can be done to it any more.
    package static func hasEnded(_ rollout: StoredRollout, nothingTo verb: String) -> Failure {
        Failure(
            .usage, "rollout \(rollout.id.value) has ended (\(rollout.state.rawValue)); there is nothing to \(verb)",
            hint: "`ebb reboot status \(rollout.id.value)` shows it")
    }

    /// Records a person's decision about a host that nobody can prove.
    ///
    /// - Returns: Whether the host is free now; else its attempt has not ended, and holds it.
    package static func override(
        _ rollout: RolloutID, _ host: HostName, author: String, reason: String, in store: Store
    ) async throws -> Bool {
        _ = try await chosen(rollout.value, in: store)
        guard let attempt = try await store.attempts(of: rollout).last(where: { $0.host == host }) else {
            throw Failure(
                .usage, "\(host) is not in rollout \(rollout.value)",
                hint: "`ebb reboot status \(rollout.value)` shows its hosts")
        }
        guard attempt.state != .proven else {
            throw Failure(
                .usage,
                "\(host) is proven in rollout \(rollout.value): it holds nothing, and there is nothing to override",
                hint: "`ebb reboot status \(rollout.value)` shows it")
        }
        try await store.recordOverride(attempt.id, author: author, reason: reason, at: Date())
        return try await !store.attempt(attempt.id).holdsHost
    }

    /// The rollout of that number, or the newest that is not finished; a usage error where there is
    /// none.
    package static func chosen(_ number: Int64?, in store: Store) async throws -> StoredRollout {
        if let number {
            do throws(StoreError) { return try await store.rollout(RolloutID(number)) } catch {
                guard error.code == .notFound else { throw error }
                throw Failure(.usage, error.message, hint: "`ebb reboot status` shows the newest")
            }
        }
        guard let newest = try await store.unfinishedRollouts().last else {
            throw Failure(
                .usage, "no rollout is unfinished",
                hint: "`ebb reboot status` shows the newest, `ebb reboot run PATTERN` starts one")
        }
        return newest
    }

    /// Says who holds the hosts, and what to do about it.
    package static func failure(busy error: StoreError, in store: Store) async throws -> Failure {
        let names = error.busy.map(\.host.text).joined(separator: ", ")
        guard let id = error.busy.first?.rollout else {
            return Failure(
                .incomplete, "another rollout has these hosts: \(names)", hint: "`ebb reboot status` shows it",
                cause: error)
        }
        let holder = try await store.rollout(id)
        let who = "\(holder.controller.hostname), process \(holder.controller.pid)"
        if holder.state == .running, ControllerProcess.isRunning(holder.controller) != false {
            return Failure(
                .incomplete, "rollout \(id.value) holds \(names): it is run by \(who)",
                hint: "`ebb reboot status \(id.value)` shows it")
        }
        let hint =
            holder.state == .running
            ? "its process is gone: `ebb reboot resume \(id.value)` finds out what became of it"
            : "`ebb reboot status \(id.value)` says what ends that; "
                + "`ebb reboot override \(id.value) \(error.busy[0].host) --reason …` records a person's decision"
        let why =
            holder.state == .running
            ? "of \(who) holds \(names)" : "has ended, and it is not decided how \(names) ended"
        return Failure(.incomplete, "rollout \(id.value) \(why)", hint: hint)
    }
}
