import EbbInventory
import EbbModel
import EbbReport
import EbbStore
import EbbTransport
import FoundationEssentials

/// The steps that only observe.
extension Play {
    /// The step `drift`: hosts that would lose something do not pass.
    func drift(_ gate: Playbook.DriftGate, _ hosts: [HostSettings]) async -> [PlayReport.Host] {
        await judged(hosts) { settings throws(StoreError) in
            if let stored = try await stored(gate, settings.host) { return stored }
            let seen = try await engine.observe(settings, kind: .drift)
            let host = settings.host
            if let error = seen.transportError { return PlayReport.Host(host, .unreachable, error.message) }
            let answer = answer(
                gate, host, gate.failOn.reduce(0) { $0 + seen.counts.count(of: $1) },
                example: try seen.first { gate.failOn.contains($0.verdict) }?.change.path.printable)
            // What could not be seen may hold anything.
            guard answer.isWell, let gap = seen.observation.gaps.first else { return answer }
            return PlayReport.Host(host, .indeterminate, "not everything could be seen: \(gap.message)")
        }
    }

    /// The step `verify`: whether each declared path really is kept, as the host is now.
    func verify(_ hosts: [HostSettings]) async -> [PlayReport.Host] {
        await judged(hosts) { settings throws(StoreError) in
            let seen = try await engine.observe(settings, kind: .drift, triesWrites: !isCheck)
            let host = settings.host
            if let error = seen.transportError { return PlayReport.Host(host, .unreachable, error.message) }
            if let bad = seen.declared.first(where: { $0.verdict.isDisproof }) {
                return PlayReport.Host(host, .failed, "\(bad.entry.path): \(bad.verdict.rawValue), \(bad.reason)")
            }
            if let unknown = seen.declared.first(where: { $0.verdict == .unknown }) {
                return PlayReport.Host(host, .indeterminate, "\(unknown.entry.path): \(unknown.reason)")
            }
            return PlayReport.Host(host, .ok, "\(seen.declared.count) declared paths are in effect")
        }
    }

    /// One answer for each host: what cannot be stored of one is no other's trouble.
    func judged(
        _ hosts: [HostSettings], _ body: @escaping @Sendable (HostSettings) async throws(StoreError) -> PlayReport.Host
    ) async -> [PlayReport.Host] {
        await fanOut(over: hosts, limit: engine.limits.parallel) { settings in
            do throws(StoreError) { return try await body(settings) } catch {
                return PlayReport.Host(settings.host, .indeterminate, ProbeGap(error).message)
            }
        }
    }

    /// What an earlier observation says, where it may do and is young enough.
    private func stored(_ gate: Playbook.DriftGate, _ host: HostName) async throws(StoreError) -> PlayReport.Host? {
        guard let age = gate.maxAge, let last = try await engine.store.latestObservation(of: host),
            let counts = last.judgement?.counts, last.observation?.isComplete == true,
            abs(engine.clock.date().timeIntervalSince(last.observedAt)) <= Double(age)
        else { return nil }
        let found = gate.failOn.reduce(0) { $0 + counts.count(of: $1) }
        return answer(gate, host, found, example: nil, " (seen earlier)")
    }

    private func answer(
        _ gate: Playbook.DriftGate, _ host: HostName, _ count: Int, example: String?, _ note: String = ""
    ) -> PlayReport.Host {
        let words = gate.failOn.map(\.rawValue).sorted().joined(separator: " or ")
        guard count > gate.tolerated else {
            let text = gate.failOn.isEmpty ? "observed" : "\(count) paths \(words)"
            return PlayReport.Host(host, .ok, text + note)
        }
        let such = example.map { ", such as \($0)" } ?? ""
        return PlayReport.Host(host, .failed, "the next boot would erase \(count) paths \(words)\(such)\(note)")
    }
}
