package import EbbModel

/// The changes of one listing, as they become certain while it is read.
///
/// Where inode numbers can be compared, an entry that came or went may be half of a rename: those are
/// certain only at the end. Everything else is given out at once, and forgotten.
package struct ChangeStream {
    /// How a listing is written.
    package enum Format: Sendable {
        /// The drift probe's records.
        case trees
        /// The lines of `zfs diff -FHt`.
        case zfsDiff
    }

    private var trees = DriftParser()
    private var zfs = ZFSDiffParser()
    private let format: Format

    package init(_ format: Format) { self.format = format }

    /// Reads the next bytes.
    package mutating func feed(_ bytes: ArraySlice<UInt8>) {
        switch format {
        case .trees: trees.feed(bytes)
        case .zfsDiff: zfs.feed(bytes)
        }
    }

    /// What became certain since the last call, in the order of the listing.
    package mutating func drain() -> [PathChange] {
        switch format {
        case .trees: trees.drain()
        case .zfsDiff: zfs.drain()
        }
    }

    /// What is left once all bytes were fed, as seen without mounts.
    package mutating func finish() -> [PathChange] {
        switch format {
        case .trees: trees.finish(mounts: MountTable([]))
        case .zfsDiff: zfs.finish()
        }
    }
}
