package import EbbModel
package import FoundationEssentials

/// Reads the answer to an `ObservationScript` as it arrives.
///
/// Memory is bounded by the policy: the listing is read and forgotten record by record, and changes
/// beyond the policy's limit are put aside.
package struct ObservationParser: Sendable {
    private let script: ObservationScript
    private var report: ProbeReport
    private var frames: FrameParser
    private var drift: DriftParser
    private var isInDrift = false

    /// The policy says how much may be held in memory.
    package init(_ script: ObservationScript, policy: SpillPolicy = .never) {
        self.script = script
        drift = DriftParser(script.format, policy: policy)
        report = ProbeReport(nonce: script.nonce)
        frames = FrameParser(nonce: script.nonce)
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
        let reader = FactReader(report, settings: script.settings)
        let mounts = MountTable(reader.facts.mounts)
        var observation = Observation(
            host: script.settings.host, observedAt: observedAt, facts: reader.facts, gaps: reader.gaps)
        if let trouble { observation.gaps.append(trouble) }
        let declaration = script.settings.root?.strategy
        observation.strategy = mounts.strategy(declared: declaration)
        if let observed = observation.strategy, let gap = MountTable.mismatch(observed: observed, declared: declaration)
        {
            observation.gaps.append(gap)
        }
        do throws(ProbeGap) {
            let output = try report.output(of: DeclaredProbe.name)
            observation.declared = try DeclaredReader.states(output, of: script.declared, mounts: mounts)
        } catch { observation.gaps.append(error) }
        if script.includesCensus, let gap = censusGap() { observation.gaps.append(gap) }
        if script.includesWrites {
            do throws(ProbeGap) {
                observation.writes = try WriteProbe.outcomes(report.output(of: WriteProbe.name), of: script.declared)
            } catch {
                observation.writes = [:]
                observation.gaps.append(error)
            }
        }
        if script.includesDrift {
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
            let census = try CensusReader.census(result.output, of: script.declared, takenAt: 0)
            guard let missed = script.declared.first(where: { census.places[$0.path] == nil }) else { return nil }
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
