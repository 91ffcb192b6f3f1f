package import EbbModel
package import FoundationEssentials

/// Reads the answer to an `ObservationScript` as it arrives.
///
/// Memory is bounded by the policy: the listing is read and forgotten record by record, and changes
/// beyond the policy's limit are put aside.
package struct ObservationParser: Sendable {
    private let settings: HostSettings
    private let declared: [PersistenceEntry]
    private let includingDrift: Bool
    private let includingCensus: Bool
    private let includingWrites: Bool
    private var report: ProbeReport
    private var frames: FrameParser
    private var drift: DriftParser
    private var isInDrift = false

    /// The arguments are those of the script; the policy says how much may be held in memory.
    package init(
        settings: HostSettings, declared: [PersistenceEntry], nonce: ProbeNonce, includingDrift: Bool,
        includingCensus: Bool = false, includingWrites: Bool = false, quick: Bool = false, policy: SpillPolicy = .never
    ) {
        self.includingCensus = includingCensus && !declared.isEmpty
        self.includingWrites = includingWrites && !declared.isEmpty
        drift = DriftParser(quick && settings.root?.strategy == .zfs ? .zfsDiff : .trees, policy: policy)
        (self.settings, self.declared, self.includingDrift) = (settings, declared, includingDrift)
        report = ProbeReport(nonce: nonce)
        frames = FrameParser(nonce: nonce)
    }

    /// Reads the next bytes of the script's standard output; `keep` sees what they hold, in order.
    package mutating func feed(_ bytes: [UInt8], _ keep: (FrameEvent) -> Void = { _ in }) {
        var frames = frames
        frames.feed(bytes) { event in
            keep(event)
            switch event {
            case .begin(let name): isInDrift = name == drift.format.probe
            case .output(let slice) where isInDrift: return drift.feed(slice)
            case .output, .end, .complete: break
            }
            report.take(event)
        }
        self.frames = frames
    }

    /// What was observed, once the stream has ended, however it ended.
    ///
    /// `trouble` says why the stream or the connection ended early, if it did.
    package mutating func finish(observedAt: Date, trouble: ProbeGap? = nil) -> Observation {
        let reader = FactReader(report, settings: settings)
        let mounts = MountTable(reader.facts.mounts)
        var observation = Observation(
            host: settings.host, observedAt: observedAt, facts: reader.facts, gaps: reader.gaps)
        if let trouble { observation.gaps.append(trouble) }
        let declaration = settings.root?.strategy
        observation.strategy = mounts.strategy(declared: declaration)
        if let observed = observation.strategy, let gap = MountTable.mismatch(observed: observed, declared: declaration)
        {
            observation.gaps.append(gap)
        }
        do throws(ProbeGap) {
            let output = try report.output(of: DeclaredProbe.name)
            observation.declared = try DeclaredReader.states(output, of: declared, mounts: mounts)
        } catch { observation.gaps.append(error) }
        if includingCensus, let gap = censusGap() { observation.gaps.append(gap) }
        if includingWrites {
            do throws(ProbeGap) {
                observation.writes = try WriteProbe.outcomes(report.output(of: WriteProbe.name), of: declared)
            } catch {
                observation.writes = [:]
                observation.gaps.append(error)
            }
        }
        if includingDrift {
            finishDrift(&observation, mounts)
            let list = try? report.output(of: ManagedProbe.name)
            observation.managed = ManagedProbe.paths(list ?? [])
        }
        if !frames.isComplete, observation.gaps.isEmpty {
            observation.gaps.append(
                ProbeGap(
                    probe: "session", reason: .truncated, message: "the host's answer ended before its closing mark"))
        }
        return observation
    }

    /// Why not every declared path was looked at: then a boot could not be held against it.
    private func censusGap() -> ProbeGap? {
        do throws(ProbeGap) {
            let result = try report.result(of: CensusProbe.name)
            let census = try CensusReader.census(result.output, of: declared, takenAt: 0)
            guard let missed = declared.first(where: { census.places[$0.path] == nil }) else { return nil }
            let said = ProbeResult.message(result.standardError)
            return ProbeGap(
                probe: CensusProbe.name, reason: .failed, message: "\(missed.path) could not be looked at: \(said)")
        } catch { return error }
    }

    private mutating func finishDrift(_ observation: inout Observation, _ mounts: MountTable) {
        observation.changes = drift.finish(mounts: mounts)
        (observation.contents, observation.keys) = (drift.contents, drift.keys)
        (observation.erased, observation.originals) = (drift.erased, drift.originals)
        observation.gaps += drift.gaps
        do throws(ProbeGap) {
            let result = try report.result(of: drift.format.probe)
            if let gap = result.gap { throw gap }
            if !drift.isEnded {
                throw ProbeGap(
                    probe: DriftProbe.name, reason: .truncated, message: "the comparison did not come to its end")
            }
        } catch { observation.gaps.append(error) }
        if drift.format == .zfsDiff { observation.gaps.append(ZFSDiffProbe.caveat) }
    }
}
