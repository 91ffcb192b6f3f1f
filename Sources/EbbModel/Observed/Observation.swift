package import FoundationEssentials

/// One examination of one host: dated, and possibly with gaps.
package struct Observation: Sendable {
    package let host: HostName
    /// When the controller received the last byte of it.
    package let observedAt: Date
    package var facts = HostFacts()
    /// The strategy that the mounts show, whatever the inventory says.
    package var strategy: Strategy?
    /// Each declared path as it was found.
    package var declared: [String: DeclaredState] = [:]
    /// How a write to each declared path went; `nil`: none was tried.
    package var writes: [String: WriteTest]?
    /// The difference from the blank.
    package var changes = ChangeList()
    /// Digests of the contents of small changed files; of private ones salted with the host's name.
    package var contents: [BytePath: [UInt8]] = [:]
    /// Mounts beside the root whose content is among the changes, because the boot destroys it.
    package var erased: Set<BytePath> = []
    /// Adopted paths whose originals, still on the root, are as they were when the copy was compared with them.
    package var originals: Set<BytePath> = []
    /// Small changed files that hold a private key, as far as they were looked into.
    package var keys: Set<BytePath> = []
    /// Paths that the system says it makes itself: NixOS' list of the files it copies.
    package var managed: Set<BytePath> = []
    /// What could not be learned, and why.
    package var gaps: [ProbeGap] = []

    /// Whether nothing is missing.
    ///
    /// Only a complete observation can show that a host is clean.
    package var isComplete: Bool { gaps.isEmpty }
}

extension Observation {
    /// What a host said of itself, nothing of it judged yet.
    package init(host: HostName, observedAt: Date, facts: HostFacts, gaps: [ProbeGap]) {
        self.init(host: host, observedAt: observedAt, facts: facts, strategy: nil, gaps: gaps)
    }
}
