package import EbbModel

/// The one script that looks at one host: facts, declared paths, and the drift if wanted.
package struct ObservationScript: Sendable {
    /// For the standard input of `sh -s`, run as root.
    package let bytes: [UInt8]

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
        settings: HostSettings, declared: [PersistenceEntry], nonce: ProbeNonce, includingDrift: Bool,
        includingCensus: Bool = false, includingWrites: Bool = false, quick: Bool = false, driftLimit: Int = 900
    ) {
        var probes = FactReader.probes(for: settings)
        probes.append(DeclaredProbe.probe(declared, limit: 120))
        if includingCensus, !declared.isEmpty { probes.append(CensusProbe.probe(declared)) }
        if includingWrites, !declared.isEmpty { probes.append(WriteProbe.probe(declared, on: settings.persist)) }
        if includingDrift {
            probes.append(ManagedProbe.probe)
            if quick, let root = settings.root, root.strategy == .zfs {
                probes.append(ZFSDiffProbe.probe(root, limit: driftLimit))
            } else {
                probes.append(DriftProbe.probe(settings, limit: driftLimit))
            }
        }
        bytes = ProbeScript(nonce: nonce, probes: probes).bytes
    }
}
