package import EbbModel

/// Where the blank of a root can be read as a directory on the running host.
package enum BlankView {
    /// The directory, or `nil` where the strategy has none or the inventory does not say.
    package static func directory(_ root: RootSettings) -> BytePath? {
        switch root.strategy {
        case .zfs: root.blank.map { BytePath("/.zfs/snapshot/\($0)") }
        case .btrfs: joined(root.top, root.blank)
        case .overlay: root.lower.map { BytePath($0) }
        case .mkfs, .tmpfs: root.blank.map { BytePath($0) }
        case .none: nil
        }
    }

    private static func joined(_ top: String?, _ blank: String?) -> BytePath? {
        guard let top, let blank else { return nil }
        return BytePath(top).appending(blank.utf8)
    }
}
