import EbbModel
import EbbPlan
import EbbProbe
import EbbStore

extension Engine {
    /// Declared content that the boot which a host runs did not bring through, or may not have, that nobody has
    /// accepted and that is not put back.
    ///
    /// A boot that Ebb did not order was judged anew by the observation itself. One that it ordered was judged once
    /// and for all: what it harmed is looked at here, beside what was written down before that boot. What cannot be
    /// looked at is as it was found then.
    func openContent(_ settings: HostSettings, _ look: HostObservation) async throws(StoreError) -> [CensusFinding] {
        guard let boot = look.observation.facts.bootID else { return [] }
        let open = try await store.openContent(of: settings.host, in: boot)
        let found = open.findings + open.onAcceptedStorage
        // What is asked of a path today may be less than what was asked of it then: that puts nothing back.
        let entries = look.declared.map(\.entry).filter { entry in
            found.contains { $0.path == entry.path && $0.isHarmed && $0.asks(entry) }
        }
        guard !entries.isEmpty,
            let known = try await store.boots(of: settings.host, limit: 20).first(where: { $0.bootID == boot }),
            let ordered = known.attempt, let before = try await store.attempt(ordered).bootIDBefore,
            let facts = try await store.facts(of: settings.host, during: before)
        else { return found }
        let census = try await census(of: entries, on: settings.host, facts)
        let probe = CensusProbe.check(census, of: entries)
        let answer = try? await ask(settings, [probe], timeout: .seconds(250))
        let check = (answer?.report.results[probe.name]?.output).flatMap { try? CensusReader.check($0, of: entries) }
        let judge = CensusJudge(
            before: census, after: try await self.census(of: entries, on: settings.host, look.observation.facts),
            check: check ?? [:], recorded: try await store.storage(of: settings.host).compactMapValues(\.known),
            stillness: settings.reboot.stillness, leastKept: settings.reboot.leastKept, missed: Set(entries.map(\.path))
        )
        let now = judge.findings(entries).compactMap { finding -> CensusFinding? in
            switch finding.state {
            case .kept, .changed: nil
            case .unknown: found.first { $0.path == finding.path }
            case .lost, .attributesDiffer, .storageReplaced: finding
            }
        }
        return found.filter { finding in !entries.contains { $0.path == finding.path } } + now
    }
}
