package import EbbModel

/// The one script that looks at one host: facts, declared paths, and the drift if wanted.
package struct ObservationScript: Sendable {
    /// For the standard input of `sh -s`, run as root.
    package let bytes: [UInt8]

    // What was asked, for who reads the answer.
    let settings: HostSettings
    let declared: [PersistenceEntry]
    let nonce: ProbeNonce
    let includesDrift: Bool
    let includesCensus: Bool
    let includesWrites: Bool
    let format: DriftParser.Format

    /// Asks for what `settings` and the expanded persistence set name.
    ///
    /// With `includingCensus` it also writes down what the declared paths hold.
    ///
    /// With `includingWrites` it tries whether they can be written to: otherwise it only reads.
    ///
    /// A `quick` look asks ZFS instead of comparing trees, where the root is declared to be ZFS.
    ///
    /// `driftLimit` is how many seconds the host may take for the comparison of the trees.
    package init(
        settings: HostSettings, declared: [PersistenceEntry], nonce: ProbeNonce = .random(), includingDrift: Bool,
        includingCensus: Bool = false, includingWrites: Bool = false, quick: Bool = false, driftLimit: Int = 900
    ) {
        (self.settings, self.declared, self.nonce) = (settings, declared, nonce)
        (includesDrift, includesCensus) = (includingDrift, includingCensus && !declared.isEmpty)
        includesWrites = includingWrites && !declared.isEmpty
        format = quick && settings.root?.strategy == .zfs ? .zfsDiff : .trees
        var probes = FactReader.probes(for: settings)
        probes.append(DeclaredProbe.probe(declared, limit: 120))
        if includesCensus { probes.append(CensusProbe.probe(declared)) }
        if includesWrites { probes.append(WriteProbe.probe(declared, on: settings.persist)) }
        if includingDrift {
            probes.append(ManagedProbe.probe)
            if format == .zfsDiff, let root = settings.root {
                probes.append(ZFSDiffProbe.probe(root, limit: driftLimit))
            } else {
                probes.append(DriftProbe.probe(settings, limit: driftLimit))
            }
        }
        bytes = ProbeScript(nonce: nonce, probes: probes).bytes
    }
}
