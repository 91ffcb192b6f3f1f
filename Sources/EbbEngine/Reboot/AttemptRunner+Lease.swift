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
            guard owner != dead, try await isOurs(owner) else {
                return AttemptEnd(
                    .heldElsewhere,
                    "another controller holds it: \(owner); if that one is gone for good, remove "
                        + "\(LeaseShell.path) on the host")
            }
            dead = owner
        }
    }

    /// Whether a rollout of this database calls itself so.
    private func isOurs(_ owner: String) async throws(StoreError) -> Bool {
        guard let name = RolloutLease.name(in: owner) else { return false }
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
