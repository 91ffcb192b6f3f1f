import EbbLocal
import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTransport
import FoundationEssentials

/// Which hosts of open windows are to be rebooted, and which a closed one did not reach.
struct ScheduleCandidates: Sendable {
    let engine: Engine
    let fleet: [HostSettings]
    let away: Pauses<HostName>

    private var store: Store { engine.store }

    /// The hosts to try now, in the inventory's order.
    ///
    /// A host that had its reboot in this window is not among them, whatever became of it; nor is
    /// one that was proven a short while ago, nor one that is often away and away now.
    func due(_ openings: [HostName: Opening], at now: Date) async throws -> [HostSettings] {
        let times = try await RebootTimes.usual(fleet.filter { openings[$0.host] != nil }, in: store)
        var hosts: [HostSettings] = []
        for settings in fleet {
            guard let opening = openings[settings.host], try await isProofOld(settings, at: opening.window) else {
                continue
            }
            let tries = try await attempts(settings.host, since: opening.window)
            // The try that counts: one that may have rebooted the host, else the newest.
            let last = (tries.first(where: \.state.mayHaveRebooted) ?? tries.first).map {
                RetryOfAway.LastTry(at: $0.createdAt, mayHaveRebooted: $0.state.mayHaveRebooted)
            }
            let answer = RetryOfAway.answer(
                for: settings, in: opening, lastTry: last,
                taking: times[settings.host] ?? settings.reboot.timeout + settings.reboot.soak, at: now)
            if answer == .now { hosts.append(settings) }
        }
        let missing = await missing(among: hosts.filter(\.reboot.isOftenAway), at: now)
        return hosts.filter { !missing.contains($0.host) }
    }

    /// The hosts of a window that was taken and that it did not reach, each with what is known.
    func unreached(_ schedule: Schedule, in opening: Opening) async throws -> [Notice.Mention] {
        var mentions: [Notice.Mention] = []
        for settings in fleet where schedule.hosts.contains(settings.host) {
            guard try await isProofOld(settings, at: opening.window) else { continue }
            let attempts = try await attempts(settings.host, since: opening.window)
            guard !attempts.contains(where: \.state.mayHaveRebooted) else { continue }
            let last = attempts.first
            mentions.append(
                Notice.Mention(
                    host: settings.host, state: last?.reason ?? "never-tried",
                    message: last?.lastEvent.detail["message"] ?? (settings.reboot.isOftenAway ? "it was away" : "")))
        }
        return mentions
    }

    /// Whether the host's last proof is as old as its schedule wants it to be.
    private func isProofOld(_ settings: HostSettings, at start: Date) async throws -> Bool {
        guard let age = settings.reboot.scheduledAge else { return true }
        let boots = try await store.boots(of: settings.host, limit: 20)
        let proven = boots.filter { $0.verdict?.isProven ?? false }.compactMap(\.judgedAt).filter { $0 < start }.max()
        return proven.map { start.timeIntervalSince($0) >= Double(age) } ?? true
    }

    private func attempts(_ host: HostName, since: Date) async throws(StoreError) -> [StoredAttempt] {
        try await store.attempts(of: host, limit: 50).filter { $0.createdAt >= since }
    }

    /// Which of these hosts are left out because they do not answer, now or a moment ago.
    private func missing(among hosts: [HostSettings], at now: Date) async -> Set<HostName> {
        let asked = hosts.filter { away.mayTry($0.host, at: now) }
        let silent = await fanOut(over: asked, limit: 32) { settings -> HostName? in
            do throws(TransportError) {
                _ = try await engine.ask(settings, [BootProbe.probe], timeout: .seconds(15))
                return nil
            } catch { return settings.host }
        }.compactMap(\.self)
        for host in silent { away.failed(host, at: now) }
        return Set(hosts.map(\.host)).subtracting(asked.map(\.host)).union(silent)
    }
}
