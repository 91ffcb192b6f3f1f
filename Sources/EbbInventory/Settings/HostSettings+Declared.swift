import EbbModel

extension HostSettings {
    /// Everything below `ebb`.
    static let declared: [Setting<HostSettings>] = [
        Setting("connection", \.connection.adapter, .choice, "which client speaks SSH", standard: "auto"),
        Setting(
            "known_hosts", \.connection.knownHostsFiles, .list(of: .string), "files with pinned host keys",
            standard: "~/.ssh/known_hosts, /etc/ssh/ssh_known_hosts"),
        Setting("identity_files", \.connection.identityFiles, .list(of: .string), "private key files"),
        Setting(
            "password_prompt", \.connection.asksForPassword, .bool,
            "asks for the password at the terminal, once in a run for each user's name", standard: "false"),
        Setting("root", \.root, .map, "how a boot erases the root, and where its blank is"),
        Setting("persist", \.persist, .named(by: "mount"), "where declared state lives"),
        Setting("presets", \.presets, .names, "sets of declared paths from the catalogue"),
        Setting("persistence", \.persistence, .named(by: "path"), "the declared paths"),
        Setting("accept", \.accept, .named(by: "path"), "losses that a person accepted"),
        Setting("datasets", \.datasets, .named(by: "name"), "datasets that should exist"),
        Setting("reboot", \.reboot, .map, "how the host may be rebooted"),
        Setting("compliance", \.compliance, .map, "what the host must show"),
    ]
}

extension ConnectionSettings {
    /// Whether a person is asked for the password; one that is written comes first.
    fileprivate var asksForPassword: Bool {
        get { password == .asked }
        set { if newValue, password == nil { password = .asked } }
    }
}

extension RootSettings: SettingsMap {
    static let unset = RootSettings(strategy: .none)
    /// `ebb.root`.
    static let declared: [Setting<Self>] = [
        Setting("strategy", \.strategy, .choice, "how the root is erased", isNeeded: true),
        Setting("dataset", \.dataset, .string, "zfs: the root dataset"),
        Setting("blank", \.blank, .string, "where the blank is; see below"),
        Setting("top", \.top, .hostPath, "btrfs: where subvolume 5 is mounted"),
        Setting("subvolume", \.subvolume, .string, "btrfs: the root subvolume below `top`"),
        Setting("lower", \.lower, .hostPath, "overlay: where the lower tree can be read"),
        Setting("erases", \.erases, .list(of: .mountPoint), "mount points beside `/` that a boot erases too"),
    ]

    /// What each strategy needs, and what else means something for it.
    private var keys: (needed: [String], allowed: [String]) {
        switch strategy {
        case .zfs: (["dataset", "blank"], [])
        case .btrfs: (["top", "subvolume", "blank"], [])
        case .overlay: ([], ["lower"])
        case .mkfs, .tmpfs: ([], ["blank"])
        // A host on its way to an ephemeral root may say already what it will become.
        case .none: ([], ["dataset", "blank", "top", "subvolume", "lower"])
        }
    }

    /// Reports what is missing for the strategy, and what means nothing for it.
    func checked(_ map: MapReader) -> RootSettings? {
        let keys = keys
        for key in keys.needed { map.missing(key, hint: "strategy \(strategy.rawValue) needs it to find the blank") }
        for key in ["dataset", "blank", "top", "subvolume", "lower"]
        where !keys.needed.contains(key) && !keys.allowed.contains(key) {
            guard let value = map.value(key) else { continue }
            map.problems.error(
                at: value.location, "\(map.path(key)) means nothing for strategy \(strategy.rawValue)",
                hint: "remove it, or correct the strategy")
        }
        return self
    }
}

extension PersistentStorage: SettingsMap {
    static let unset = PersistentStorage(mount: "")
    /// An element of `ebb.persist`.
    static let declared: [Setting<Self>] = [
        Setting("mount", \.mount, .hostPath, "the mount point", isNeeded: true),
        Setting("dataset", \.dataset, .string, "what must be mounted there"),
    ]
}

extension PersistenceEntry: SettingsMap {
    static let unset = PersistenceEntry(path: "", mechanism: .bind)
    /// An element of `ebb.persistence`.
    static let declared: [Setting<Self>] = [
        Setting("path", \.path, .hostPath, "the path that programs use", isNeeded: true),
        Setting("mechanism", \.mechanism, .choice, "how it is kept; see below", isNeeded: true),
        Setting(
            "target", \.target, .hostPath, "where the bytes live",
            standard: "the first `persist` mount followed by `path`"),
        Setting("class", \.stateClass, .choice, "what kind of state it is"),
        Setting("owner", \.owner, .account, "the owner, where it matters"),
        Setting("group", \.group, .account, "the group, where it matters"),
        Setting("mode", \.mode, .mode, "permission bits in octal, where they matter"),
        Setting(
            "census", \.askedCensus, .choice, "how much of it is held against each boot; see below",
            standard: "by class"),
        Setting(
            "write_test", \.askedWriteTest, .choice,
            "where a proof and `ebb persistence verify` try a write; see below", standard: "by class and place"),
    ]
}

extension Acceptance: SettingsMap {
    static let unset = Acceptance(path: "", reason: "", by: "")
    /// An element of `ebb.accept`.
    static let declared: [Setting<Self>] = [
        Setting("path", \.path, .hostPath, "the path, with `*`, `?`, `[…]` and `**`", isNeeded: true),
        Setting("reason", \.reason, .string, "why it may be lost", isNeeded: true),
        Setting("by", \.by, .string, "who decided it", isNeeded: true),
        Setting("until", \.until, .day, "the last day", standard: "no end"),
        Setting(
            "class", \.namedClass, .choice, "`secret` where secrets below the path may be lost as well",
            standard: "no secrets"),
        Setting(
            "everything", \.isEverything, .bool, "`true` where `/` or a whole top directory is meant", standard: "false"
        ),
    ]

    /// Warns of an acceptance that takes in more than somebody may have meant.
    ///
    /// A warning, because an inventory that was usable stays so.
    func checked(_ map: MapReader) -> Acceptance? {
        if isWide, isEverything != true {
            map.problems.warning(
                at: map.value("path")?.location, "\(map.name) accepts the loss of a whole top directory",
                hint: "name what may be lost, or write everything: true beside it")
        }
        return self
    }
}

extension DatasetSettings: SettingsMap {
    static let unset = DatasetSettings(name: "", backup: false)
    /// An element of `ebb.datasets`.
    static let declared: [Setting<Self>] = [
        Setting("name", \.name, .string, "the dataset's name", isNeeded: true),
        Setting("backup", \.backup, .bool, "`true` where it must be backed up, `false` where never", isNeeded: true),
        Setting("blank", \.blank, .string, "the name of its blank snapshot"),
        Setting("properties", \.properties, .texts, "properties that it should have"),
    ]
}

extension CompliancePolicy: SettingsMap {
    /// `ebb.compliance`.
    static let declared: [Setting<Self>] = [
        Setting("proven_boot_max_age", \.provenBootMaxAge, .span(), "of the last proven boot"),
        Setting("unexplained_max", \.unexplainedMax, .integer(0...), "unexplained paths tolerated"),
        Setting("unexplained_grace", \.unexplainedGrace, .span(), "before such a path counts"),
        Setting(
            "safe_snapshot_max_age", \.safeSnapshotMaxAge, .span(), "of the newest snapshot where `backup: true`",
            standard: "not asked"),
        Setting("observation_max_age", \.observationMaxAge, .span(), "of the last observation"),
        Setting("erase_fail_closed", \.eraseFailClosed, .bool, "a boot that cannot erase stops"),
        Setting(
            "blank_identity", \.blankIdentity, .string, "the snapshot's guid or subvolume's UUID",
            standard: "what it was"),
        Setting("stop_flag_max_age", \.stopFlagMaxAge, .span(), "of a stop flag that holds"),
        Setting("waivers", \.waivers, .named(by: "control"), "controls that a person waived"),
    ]
}

extension Waiver: SettingsMap {
    /// An element of `ebb.compliance.waivers`.
    static let declared: [Setting<Self>] = [
        Setting("control", \.control, .choice, "the control", isNeeded: true),
        Setting("reason", \.reason, .string, "why it is waived", isNeeded: true),
        Setting("by", \.by, .string, "who decided it", isNeeded: true),
        Setting("until", \.until, .end, "the last day (UTC), or an instant", isNeeded: true),
    ]
}

extension SettingKind where Value == [String] {
    /// Names that merged one by one; `!NAME` takes one out.
    fileprivate static var names: Self {
        Self(shape: .names) { written in
            guard let entries = written.value.entries else { return written.wrong("a list of names") }
            return entries.filter { $0.value.text?.hasPrefix("!") != true }.map(\.key)
        }
    }
}
