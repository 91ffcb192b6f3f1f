/// How a declared path is kept.
package enum Mechanism: String, Sendable, Codable, CaseIterable {
    /// The path is a symbolic link to its target on persistent storage.
    case symlink
    /// The target on persistent storage is bind-mounted over the path.
    case bind
    /// A dataset, subvolume or file system of its own is mounted at the path.
    case dataset
    /// The program is configured to use the target; the path itself does not exist or matter.
    case config
}
