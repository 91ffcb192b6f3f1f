package import EbbClassifier
package import EbbModel
package import EbbProbe
package import EbbSetup
import EbbStore
import EbbTransport

/// What to declare or to accept on a host, with who stands behind each path.
package struct Advice: Sendable {
    package let host: HostName
    package let proposals: [Proposal]
    /// Package, unit and account behind each proposal, as far as they are known.
    package let origins: [BytePath: Attribution]
    /// Why the answer is not whole.
    package let gaps: [ProbeGap]
    /// Whether the host has declared storage that could keep anything.
    package var hasStorage = true
}

extension Engine {
    /// Observes a host, and asks it who writes the paths that nobody has accounted for.
    package func advise(_ settings: HostSettings) async -> Advice {
        do throws(StoreError) {
            let seen = try await observe(settings, kind: .drift)
            let proposals = try seen.proposals(catalogue)
            let (origins, gap) = await origins(of: proposals.map(\.path), on: settings)
            return Advice(
                host: settings.host, proposals: proposals, origins: origins,
                gaps: seen.observation.gaps + [gap].compactMap(\.self), hasStorage: !settings.persist.isEmpty)
        } catch { return Advice(host: settings.host, proposals: [], origins: [:], gaps: [ProbeGap(error)]) }
    }

    private func origins(of paths: [BytePath], on settings: HostSettings) async -> ([BytePath: Attribution], ProbeGap?)
    {
        guard !paths.isEmpty else { return ([:], nil) }
        do throws(TransportError) {
            let answer = try await ask(settings, [AttributionProbe.probe(paths)])
            let output = answer.report.results[AttributionProbe.name]?.output ?? []
            return (AttributionReader.read(output, of: paths), nil)
        } catch { return ([:], ProbeGap(probe: AttributionProbe.name, reason: .unreachable, message: error.message)) }
    }

    /// What lies on a host's persistent storage and nobody declares.
    package func orphans(_ settings: HostSettings, sizes: Bool) async -> Result<[Orphan], ProbeGap> {
        do throws(TransportError) {
            let probe = OrphanProbe.probe(expanded(settings), sizes: sizes)
            let report = try await ask(settings, [probe], timeout: .seconds(330)).report
            do throws(ProbeGap) {
                return .success(try OrphanProbe.orphans(try report.output(of: OrphanProbe.name)))
            } catch { return .failure(error) }
        } catch { return .failure(ProbeGap(error)) }
    }
}
