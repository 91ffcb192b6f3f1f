package import EbbModel

/// Reads one listing on its own: bytes in, changes out.
package struct ChangeStream {
    /// How a listing is written.
    package enum Format: Sendable {
        /// The drift probe's records.
        case trees
        /// The lines of `zfs diff -FHt`.
        case zfsDiff
    }

    private var trees: DriftParser
    private var zfs: ZFSDiffParser
    private let format: Format

    /// A stream that may hold as much in memory as the policy says.
    package init(_ format: Format, policy: SpillPolicy = .never) {
        self.format = format
        trees = DriftParser(policy)
        zfs = ZFSDiffParser(policy)
    }

    /// Reads the next bytes.
    package mutating func feed(_ bytes: ArraySlice<UInt8>) {
        switch format {
        case .trees: trees.feed(bytes)
        case .zfsDiff: zfs.feed(bytes)
        }
    }

    /// The changes once all bytes were fed, as seen without mounts; `gap` where they are not all.
    package mutating func finish() -> (changes: ChangeList, gap: ProbeGap?) {
        switch format {
        case .trees: (trees.finish(mounts: MountTable([])), trees.gaps.first)
        case .zfsDiff: (zfs.finish(), zfs.gap)
        }
    }
}
