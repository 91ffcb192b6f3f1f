import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTransport

/// The attempt's lease on its host, by which controllers that share no database notice each other.
extension AttemptRunner {
    /// Takes the lease; an end when somebody else has it, or when nobody can tell.
    ///
    /// A lease of another rollout of this database is a dead one: the database gives a host to one
    /// rollout at a time, and gave this one to ours.
    func takeLease() async throws(StoreError) -> AttemptEnd? {
        var dead = ""
        while true {
            let owner: String
            switch await askLease(LeaseShell.take(owner: lease, replacing: dead)) {
            case .end(let end): return end
            case .owner(let text): owner = text
            }
            if owner == lease { return nil }
            if let other = RolloutLease.host(in: owner), other != host.text, try await isOfThisRollout(owner) {
                return AttemptEnd(
                    .sameMachine, "it is one machine with \(PrintableText.line(other)), whose turn it was")
            }
            guard owner != dead, try await isOurs(owner) else {
                return AttemptEnd(
                    .heldElsewhere,
                    "another controller holds it: \(owner); if that one is gone for good, remove "
                        + "\(LeaseShell.path) on the host")
            }
            dead = owner
        }
    }

    /// Why the host must not go because of another name that leads, or may lead, to its machine.
    func otherName() async throws(StoreError) -> AttemptEnd? {
        let machines = try await engine.store.machines()
        let slots = try await engine.store.slots()
        let holders = Set(slots.compactMap(\.host))
        if let words = machines.isUnclear(host, beside: { budgets.hosts.contains($0) || holders.contains($0) }) {
            return AttemptEnd(.identityUnclear, words)
        }
        let others = machines.others(of: host, .same)
        if let other = others.first(where: holders.contains) {
            return AttemptEnd(.sameMachine, "it is one machine with \(other), which holds a slot")
        }
        guard !others.isEmpty else { return nil }
        let rollout = try await engine.store.attempt(attempt).rollout
        for other in try await engine.store.attempts(of: rollout) where others.contains(other.host) {
            switch other.state {
            case .planned, .preflight, .skipped: continue
            default:
                return AttemptEnd(
                    .sameMachine, "it is one machine with \(other.host), whose turn it was in this rollout")
            }
        }
        return nil
    }

    /// Whether the lease is one of the rollout that this attempt belongs to, for whichever of its hosts.
    private func isOfThisRollout(_ owner: String) async throws(StoreError) -> Bool {
        guard let name = RolloutLease.name(in: owner), let other = try await engine.store.rollout(withLease: name)
        else { return false }
        return try await other.id == engine.store.attempt(attempt).rollout
    }

    /// Whether a rollout of this database calls itself so.
    private func isOurs(_ owner: String) async throws(StoreError) -> Bool {
        guard let name = RolloutLease.name(in: owner) else { return false }
        // Canaries take seconds to leave: of this database's own none is waited for.
        if owner == RolloutLease.ofCanaries(try await engine.store.controllerID()) { return true }
        return try await engine.store.rollout(withLease: name) != nil
    }

    private enum LeaseAnswer {
        case owner(String)
        case end(AttemptEnd)
    }

    private func askLease(_ shell: HostScript) async -> LeaseAnswer {
        let probe = ProbeScript.Probe(name: "lease", shell: shell)
        do throws(TransportError) {
            let answer = try await engine.ask(settings, [probe], timeout: .seconds(60))
            let result = answer.report.results["lease"]
            let owner = PrintableText.line(
                String(decoding: result?.output ?? [], as: UTF8.self).split(separator: "\n").first.map(String.init)
                    ?? "")
            if !owner.isEmpty { return .owner(owner) }
            let message = ProbeResult.message(result?.standardError ?? [])
            return .end(AttemptEnd(.canaryFailed, "no lease could be taken on it: \(message)"))
        } catch { return .end(settings.notHeard(error)) }
    }

    /// Gives the lease back; a host that does not answer has none, or loses it with its boot.
    func releaseLease() async {
        let probe = ProbeScript.Probe(name: "lease", shell: LeaseShell.release(owner: lease))
        _ = try? await engine.ask(settings, [probe], timeout: .seconds(30))
    }
}
