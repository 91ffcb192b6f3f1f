import EbbModel

/// Asks how each declared path and its target look.
enum DeclaredProbe {
    static let name = "declared"

    /// One question for all entries; the answer is read by `DeclaredReader`.
    static func probe(_ entries: [PersistenceEntry], limit: Int) -> ProbeScript.Probe {
        let words = entries.flatMap { entry in
            [entry.path, entry.target ?? "", entry.stateClass == .identity ? "digest" : "-"]
        }
        return ProbeScript.Probe(
            name: name, shell: HostScript(PackageResources.declared_sh, words: words), limit: limit)
    }
}
