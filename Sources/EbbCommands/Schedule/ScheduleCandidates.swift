import EbbEngine
import EbbLocal
import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTransport
import FoundationEssentials

/// Which hosts of open windows are to be rebooted, and which a closed one did not reach.
struct ScheduleCandidates: Sendable {
    let fleet: Fleet
    let store: Store
    var away = AwayHosts()

    /// The hosts to try now, in the inventory's order.
    ///
    /// A host that had its reboot in this window is not among them, whatever became of it; nor is
    /// one that was proven a short while ago, nor one that is often away and away now.
    func due(_ openings: [HostName: Opening], at now: Date) async throws -> [HostSettings] {
        let times = try await RebootTimes.usual(
            fleet.all.filter { openings[$0.host] != nil }, in: store)
        var hosts: [HostSettings] = []
        for settings in fleet.all {
            guard let opening = openings[settings.host],
                try await isProofOld(settings, at: opening.window)
            else { continue }
            let taking =
                times[settings.host] ?? settings.reboot.timeout + settings.reboot.soak
            let answer = RetryOfAway(opening: opening).answer(
                for: settings, lastTry: try await lastTry(settings.host, since: opening.window),
                taking: taking, at: now)
            if answer == .now { hosts.append(settings) }
        }
        let missing = try await missing(among: hosts.filter(\.reboot.isOftenAway), at: now)
        return hosts.filter { !missing.contains($0.host) }
    }

    /// The hosts of a window that was taken and that it did not reach, each with what is known.
    func unreached(
        _ schedule: Schedule, in opening: Opening
    ) async throws -> [Notice.Mention] {
        var mentions: [Notice.Mention] = []
        for host in schedule.hosts {
            guard let settings = fleet.all.first(where: { $0.host == host }),
                try await isProofOld(settings, at: opening.window)
            else { continue }
            let attempts = try await attempts(host, since: opening.window)
            guard !attempts.contains(where: \.state.mayHaveRebooted) else { continue }
            let last = attempts.first
            mentions.append(
                Notice.Mention(
                    host: host, state: last?.reason ?? "never-tried",
                    message: last?.lastEvent.detail["message"]
                        ?? (settings.reboot.isOftenAway ? "it was away" : "")))
        }
        return mentions
    }

    /// Whether the host's last proof is as old as its schedule wants it to be.
    private func isProofOld(_ settings: HostSettings, at start: Date) async throws -> Bool {
        guard let age = settings.reboot.scheduledAge else { return true }
        let boots = try await store.boots(of: settings.host, limit: 20)
        let proven = boots.filter { $0.verdict?.isProven ?? false }.compactMap(\.judgedAt)
            .filter { $0 < start }.max()
        guard let proven else { return true }
        return start.timeIntervalSince(proven) >= Double(age)
    }

    private func attempts(
        _ host: HostName, since: Date
    ) async throws(StoreError) -> [StoredAttempt] {
        try await store.attempts(of: host, limit: 50).filter { $0.createdAt >= since }
    }

    /// The try that counts: one that may have rebooted the host, else the newest that asked it.
    private func lastTry(
        _ host: HostName, since: Date
    ) async throws(StoreError) -> RetryOfAway.LastTry? {
        let tries = try await attempts(host, since: since)
        guard let counting = tries.first(where: \.state.mayHaveRebooted) ?? tries.first else {
            return nil
        }
        return RetryOfAway.LastTry(
            at: counting.createdAt, mayHaveRebooted: counting.state.mayHaveRebooted)
    }

    /// Which of these hosts are left out because they do not answer, now or a moment ago.
    private func missing(
        among hosts: [HostSettings], at now: Date
    ) async throws -> Set<HostName> {
        let asked = hosts.filter { away.mayAsk($0.host, at: now) }
        var missing = Set(hosts.map(\.host)).subtracting(asked.map(\.host))
        guard !asked.isEmpty else { return missing }
        let engine = try await fleet.engine()
        let answers = await fanOut(over: asked, limit: 32) { settings -> HostName? in
            do throws(TransportError) {
                _ = try await engine.ask(settings, [BootProbe.probe], timeout: .seconds(15))
                return nil
            } catch {
                return settings.host
            }
        }
        missing.formUnion(answers.compactMap(\.self))
        away.note(missing, at: now)
        return missing
    }
}
