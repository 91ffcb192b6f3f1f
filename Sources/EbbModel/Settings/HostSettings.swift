/// What the inventory says of one host, merged and checked.
package struct HostSettings: Hashable, Sendable, Codable {
    package let host: HostName
    /// The groups that hold the host, nearest first, without `all`.
    package var groups: [String] = []
    package var connection: ConnectionSettings
    /// How the root is erased; `nil` when the inventory does not say.
    package var root: RootSettings?
    /// Where declared state lives.
    package var persist: [PersistentStorage] = []
    /// Names of catalogue presets whose paths are declared as well.
    package var presets: [String] = []
    /// The declared paths, presets not yet expanded.
    package var persistence: [PersistenceEntry] = []
    /// Losses that a person accepted.
    package var accept: [Acceptance] = []
    package var datasets: [DatasetSettings] = []
    package var reboot = RebootSettings()
    package var compliance = CompliancePolicy()
}

extension HostSettings {
    /// A host of which nothing is written but the way to it.
    package init(host: HostName, groups: [String], connection: ConnectionSettings) {
        self.init(host: host, groups: groups, connection: connection, root: nil)
    }

    /// Where the bytes of a declared path live; `nil` where no persistent storage is declared.
    ///
    /// Without a target of its own that is the first persistent storage's mount followed by the
    /// path. A dataset is mounted at the path itself.
    package func target(of entry: PersistenceEntry) -> String? {
        if let target = entry.target { return target }
        if entry.mechanism == .dataset { return entry.path }
        return persist.first.map { ($0.mount == "/" ? "" : $0.mount) + entry.path }
    }
}

/// How a host's root is erased, and where its blank can be read.
package struct RootSettings: Hashable, Sendable, Codable {
    package var strategy: Strategy
    /// zfs: the root dataset, such as `rpool/local/root`.
    package var dataset: String?
    /// The blank, in the strategy's terms.
    ///
    /// zfs: the snapshot's name after `@`. btrfs: the blank subvolume's path below `top`.
    /// mkfs, tmpfs: a directory that holds what the root is filled with, if there is one.
    package var blank: String?
    /// btrfs: where the file system's top level (subvolume 5) is mounted on the host.
    package var top: String?
    /// btrfs: the root subvolume's path below `top`.
    package var subvolume: String?
    /// overlay: where the lower tree can be read on the host.
    package var lower: String?
    /// Mount points, beside `/`, that the boot erases as well.
    package var erases: [String] = []
}

extension RootSettings { package init(strategy: Strategy) { self.init(strategy: strategy, dataset: nil) } }

/// A mounted place that survives the boot.
package struct PersistentStorage: Hashable, Sendable, Codable {
    /// Mount point, absolute.
    package var mount: String
    /// The dataset or subvolume that must be mounted there, where the inventory says so.
    package var dataset: String?

    package init(mount: String, dataset: String? = nil) { (self.mount, self.dataset) = (mount, dataset) }
}

/// One declared path.
package struct PersistenceEntry: Hashable, Sendable, Codable {
    /// The path that programs use, absolute.
    package var path: String
    package var mechanism: Mechanism
    /// Where the bytes live, where it is written; `HostSettings.target(of:)` knows the default.
    package var target: String?
    package var stateClass: StateClass
    /// Owner's name or number, where it matters.
    package var owner: String?
    /// Group's name or number, where it matters.
    package var group: String?
    /// Permission bits, where they matter.
    package var mode: UInt16?
    /// How much of it is held against a boot, where somebody said so; `census` knows the default.
    package var askedCensus: CensusScope?
    /// Where a write is tried, where somebody or the catalogue said so; `writeTest` knows the default.
    package var askedWriteTest: WriteTestPlace?
    /// The preset that brought the entry, or `nil` when a person wrote it.
    package var preset: String?

    package init(
        path: String, mechanism: Mechanism, target: String? = nil, stateClass: StateClass = .unknown,
        owner: String? = nil, group: String? = nil, mode: UInt16? = nil, preset: String? = nil
    ) {
        (self.path, self.mechanism, self.target, self.stateClass) = (path, mechanism, target, stateClass)
        (self.owner, self.group, self.mode, self.preset) = (owner, group, mode, preset)
    }
}

extension PersistenceEntry {
    /// How much of it is held against a boot: names where they stand still, numbers where programs come and go.
    package var census: CensusScope {
        if let askedCensus { return askedCensus }
        return switch stateClass {
        case .identity, .secret, .config: .full
        case .precious, .unknown: .sample
        case .log, .cache, .regenerable, .noise: .count
        }
    }

    /// Where a write is tried: never where a program may obey the file that is made for it.
    package var writeTest: WriteTestPlace {
        if let askedWriteTest { return askedWriteTest }
        let isObeyed = neverChanges || BytePath(path).isInside(BytePath("/etc")) || path.hasSuffix(".d")
        return isObeyed ? .storage : .directory
    }

    /// Whether content of its class is only ever changed by people.
    package var neverChanges: Bool { [.identity, .secret, .config].contains(stateClass) }
    /// What is asked of its content, in words that are the same where the same is asked.
    package var askedOfContent: String { "\(stateClass.rawValue) \(census.rawValue)" }

    /// Whether one of the two paths lies inside the other.
    package func overlaps(_ other: PersistenceEntry) -> Bool {
        let (mine, theirs) = (BytePath(path), BytePath(other.path))
        return mine.isInside(theirs) || theirs.isInside(mine)
    }

    /// Whether this path lies inside another declared one that covers it: such a path would be kept
    /// twice, or kept nowhere.
    ///
    /// A mount of its own, over a directory that is bind-mounted, is well defined.
    package func isCovered(by outer: PersistenceEntry) -> Bool {
        guard path != outer.path, BytePath(path).isInside(BytePath(outer.path)) else { return false }
        switch outer.mechanism {
        case .symlink: return true
        case .bind: return mechanism != .dataset
        case .dataset, .config: return false
        }
    }
}

/// A dataset that should exist.
package struct DatasetSettings: Hashable, Sendable, Codable {
    package var name: String
    /// Whether it is backed up (`safe`) or never is (`local`).
    package var backup: Bool
    /// The name of its blank snapshot, where it has one.
    package var blank: String?
    package var properties: [String: String]

    package init(name: String, backup: Bool, blank: String? = nil, properties: [String: String] = [:]) {
        (self.name, self.backup, self.blank, self.properties) = (name, backup, blank, properties)
    }
}
