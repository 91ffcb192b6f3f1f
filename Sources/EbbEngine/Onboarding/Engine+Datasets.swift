package import EbbModel
import EbbProbe
package import EbbSetup
package import EbbStore
package import EbbTransport

/// The declared datasets of one host beside what it has.
package struct DatasetLook: Sendable {
    package let settings: HostSettings
    /// `nil` where the host could not be asked, or where nothing is declared that could be planned.
    package let plan: DatasetPlan?
    /// What identifies each declared blank that is there, by full name.
    package let blanks: [String: BlankIdentity]
    /// Why there is no plan, or why a step of one failed.
    package let gap: ProbeGap?
    /// How many commands were carried out, of those that the plan had before.
    package let done: Int

    /// Whether going back to the blank would fail, or go back to another one.
    package var obstacle: String? {
        guard let plan else { return gap?.message ?? "the datasets are not known" }
        return plan.findings.first(where: \.blocksErasing).map { "\($0.name): \($0.message)" }
    }
}

extension Engine {
    /// Compares what is declared with what the host has; changes nothing.
    ///
    /// Without `takingBlanks` no blank is planned, for a root that is not ready for one.
    package func planDatasets(_ settings: HostSettings, takingBlanks: Bool = true) async throws(StoreError)
        -> DatasetLook
    {
        let recorded = try await recordedBlanks(of: settings.host)
        var settings = settings
        if !takingBlanks {
            settings.datasets = settings.datasets.map { dataset in
                var dataset = dataset
                dataset.blank = nil
                return dataset
            }
        }
        return await look(settings, recorded)
    }

    /// Carries a plan out, looks again, and records what identifies the blanks that are there.
    ///
    /// Nothing is done where the plan, made anew, is not the one that was agreed to.
    package func applyDatasets(_ settings: HostSettings, agreed: DatasetPlan? = nil, takingBlanks: Bool = true)
        async throws(StoreError) -> DatasetLook
    {
        let before = try await planDatasets(settings, takingBlanks: takingBlanks)
        guard let plan = before.plan else { return before }
        if let agreed, agreed != plan {
            return DatasetLook(
                settings: settings, plan: plan, blanks: before.blanks,
                gap: ProbeGap(
                    probe: DatasetPlan.probeName, reason: .mismatch,
                    message: "the host changed since it was planned: nothing was done, plan again"), done: 0)
        }
        var done = 0
        var gap: ProbeGap?
        if !plan.commands.isEmpty {
            do throws(TransportError) {
                let probe = plan.probe
                let answer = try await ask(settings, [probe], timeout: max(limits.command, .seconds(probe.limit + 30)))
                let result = answer.report.results[DatasetPlan.probeName]
                done = DatasetPlan.done(result?.output ?? [])
                gap = result == nil ? .unanswered(DatasetPlan.probeName) : result?.gap
            } catch { gap = ProbeGap(error) }
        }
        let after = try await planDatasets(settings, takingBlanks: takingBlanks)
        if takingBlanks { try await record(after) }
        return DatasetLook(
            settings: settings, plan: after.plan, blanks: after.blanks, gap: gap ?? after.gap, done: done)
    }

    /// The plans of several hosts, or what is left of them after they were carried out; what cannot be
    /// stored of one host is that host's gap.
    package func datasets(of hosts: [HostSettings], applying: Bool) async -> [DatasetLook] {
        await fanOut(over: hosts, limit: limits.parallel) { settings in
            do throws(StoreError) {
                return applying ? try await applyDatasets(settings) : try await planDatasets(settings)
            } catch { return DatasetLook(settings: settings, plan: nil, blanks: [:], gap: ProbeGap(error), done: 0) }
        }
    }

    /// The blanks on record, as the planners want them.
    package func recordedBlanks(of host: HostName) async throws(StoreError) -> [String: BlankIdentity] {
        let blanks = try await store.blanks(of: host)
        return Dictionary(
            blanks.map { ($0.name, BlankIdentity(guid: $0.guid, createdAt: $0.createdAt)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Only blanks that nobody has on record yet: another one under a known name is a finding.
    private func record(_ look: DatasetLook) async throws(StoreError) {
        let known = try await recordedBlanks(of: look.settings.host)
        for (name, identity) in look.blanks where known[name] == nil {
            try await store.recordBlank(
                host: look.settings.host,
                StoredBlank(name: name, guid: identity.guid, createdAt: identity.createdAt, recordedAt: clock.date()))
        }
    }

    private func look(_ settings: HostSettings, _ recorded: [String: BlankIdentity]) async -> DatasetLook {
        func none(_ gap: ProbeGap) -> DatasetLook {
            DatasetLook(settings: settings, plan: nil, blanks: [:], gap: gap, done: 0)
        }
        let top = settings.root?.top
        let isBtrfs = settings.root?.strategy == .btrfs || (settings.root == nil && top != nil)
        if settings.isRootCopied {
            guard let blank = settings.datasets.first?.blank else {
                return DatasetLook(settings: settings, plan: .nothing, blanks: [:], gap: nil, done: 0)
            }
            return await look(settings, blank, recorded)
        }
        let probe = isBtrfs ? BtrfsState.probe(top: top ?? "/") : ZFSState.probe(for: settings.datasets)
        do throws(TransportError) {
            let report = try await ask(settings, [probe]).report
            do throws(ProbeGap) {
                let output = try report.output(of: probe.name)
                let names = settings.datasets.compactMap { set in set.blank.map { isBtrfs ? $0 : "\(set.name)@\($0)" } }
                if isBtrfs {
                    let planner = BtrfsPlanner(
                        settings: settings, state: try BtrfsState(parsing: output), recorded: recorded)
                    return DatasetLook(
                        settings: settings, plan: planner.plan(),
                        blanks: identities(names) { planner.identity(of: $0) }, gap: nil, done: 0)
                }
                let planner = ZFSPlanner(
                    settings: settings, state: try ZFSState(parsing: output), recorded: recorded, now: clock.date())
                return DatasetLook(
                    settings: settings, plan: planner.plan(), blanks: identities(names) { planner.identity(of: $0) },
                    gap: nil, done: 0)
            } catch { return none(error) }
        } catch { return none(ProbeGap(error)) }
    }

    private func look(_ settings: HostSettings, _ blank: String, _ recorded: [String: BlankIdentity]) async
        -> DatasetLook
    {
        let probe = DirectoryBlank.probe(blank)
        do throws(TransportError) {
            let report = try await ask(settings, [probe]).report
            do throws(ProbeGap) {
                let state = try DirectoryBlank(parsing: report.output(of: probe.name))
                return DatasetLook(
                    settings: settings, plan: state.plan(blank, recorded: recorded[blank]),
                    blanks: state.identity.map { [blank: $0] } ?? [:], gap: nil, done: 0)
            } catch { return DatasetLook(settings: settings, plan: nil, blanks: [:], gap: error, done: 0) }
        } catch { return DatasetLook(settings: settings, plan: nil, blanks: [:], gap: ProbeGap(error), done: 0) }
    }

    private func identities(_ names: [String], _ identity: (String) -> BlankIdentity?) -> [String: BlankIdentity] {
        var found: [String: BlankIdentity] = [:]
        for name in names { found[name] = identity(name) }
        return found
    }
}

extension ProbeGap {
    /// A gap that stands for trouble with the connection.
    package init(_ error: TransportError) {
        self.init(
            probe: error.phase.rawValue, reason: error.code.isBeforeCommand ? .unreachable : .truncated,
            message: "\(error.message) (\(error.code.rawValue))")
    }

    /// A probe that should have answered and did not.
    static func unanswered(_ name: String) -> ProbeGap {
        ProbeGap(probe: name, reason: .truncated, message: "the host did not answer")
    }
}
