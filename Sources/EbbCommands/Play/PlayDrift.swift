import EbbEngine
import EbbInventory
import EbbModel
import EbbStore
import EbbTransport
import FoundationEssentials

/// The step `drift`: hosts that would lose something do not pass.
struct PlayDrift: Sendable {
    let fleet: Fleet
    let options: GlobalOptions
    let gate: Playbook.DriftGate

    func run(_ hosts: [HostSettings]) async throws -> [PlayReport.Host] {
        let engine = try await fleet.engine()
        let results = try await engine.each(hosts) { settings throws(StoreError) in
            if let stored = try await stored(settings.host, in: engine.store) { return stored }
            return try judged(try await engine.observe(settings, kind: .drift))
        }
        return results.done + PlayReport.Host.unknown(results.failed)
    }

    /// What an earlier look says, where it may do and is young enough.
    private func stored(
        _ host: HostName, in store: Store
    ) async throws(StoreError) -> PlayReport.Host? {
        guard let age = gate.maxAge, let last = try await store.latestObservation(of: host),
            let counts = last.judgement?.counts, last.observation?.isComplete == true,
            abs(Date().timeIntervalSince(last.observedAt)) <= Double(age)
        else { return nil }
        let found = gate.failOn.reduce(0) { $0 + counts.count(of: $1) }
        return answer(host, found, example: nil, " (seen earlier)")
    }

    private func judged(_ look: HostLook) throws(StoreError) -> PlayReport.Host {
        let host = look.settings.host
        if let error = look.transportError {
            return PlayReport.Host(host, .unreachable, error.message)
        }
        let example = try look.first { gate.failOn.contains($0.verdict) }
        let count = gate.failOn.reduce(0) { $0 + look.counts.count(of: $1) }
        let answer = answer(
            host, count, example: example?.change.path.printable, "")
        // What could not be seen may hold anything.
        guard answer.isWell, let gap = look.observation.gaps.first else { return answer }
        return PlayReport.Host(
            host, .indeterminate, "not everything could be seen: \(gap.message)")
    }

    private func answer(
        _ host: HostName, _ count: Int, example: String?, _ note: String
    ) -> PlayReport.Host {
        let words = gate.failOn.map(\.rawValue).sorted().joined(separator: " or ")
        guard count > gate.tolerated else {
            let text = gate.failOn.isEmpty ? "looked at" : "\(count) paths \(words)"
            return PlayReport.Host(host, .ok, text + note)
        }
        let such = example.map { ", such as \($0)" } ?? ""
        return PlayReport.Host(
            host, .failed, "the next boot would erase \(count) paths \(words)\(such)\(note)")
    }
}
