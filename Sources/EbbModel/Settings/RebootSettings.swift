/// How a host may be rebooted.
package struct RebootSettings: Hashable, Sendable, Codable {
    /// A number of hosts, or a share of them.
    package enum Count: Hashable, Sendable, Codable {
        case hosts(Int)
        /// Percent of the hosts concerned, rounded down, at least one.
        case percent(Int)
        /// All that are left.
        case rest

        /// How many of `total` hosts this is; never less than one.
        package func resolved(of total: Int) -> Int {
            switch self {
            case .hosts(let count): max(1, min(count, max(1, total)))
            case .percent(let percent): max(1, total * percent / 100)
            case .rest: max(1, total)
            }
        }
    }

    /// How many of a group's hosts may be unavailable at once, for any reason.
    package var maxUnavailable = Count.hosts(1)
    /// How many hosts may fail, be unreachable or stay unproven before a run stops starting more.
    package var failureBudget = 1
    /// Sizes of the waves; what is left after the last goes in waves of the last size.
    package var waves = [Count.hosts(1)]
    /// How long a boot may take until the host answers again, in seconds.
    package var timeout = 600
    /// How long a host must stay healthy after the boot before its slot is freed, in seconds.
    package var soak = 0
    /// Commands that must succeed before the reboot, each through `sh -c`.
    package var drain: [String] = []
    /// Commands that must succeed after the reboot.
    package var health: [String] = []
    /// Commands that put the host back to work once it is proven and healthy.
    package var undrain: [String] = []
    /// How full persistent storage may be, in percent, for a reboot.
    package var storageMax = 90
    /// Whether the host is rebooted while packages are installed, a backup runs or a disk is rebuilt.
    package var whileBusy = false
    /// How long declared content must have been unchanged, in seconds, for a boot to have to keep it as it is.
    package var stillness = 86_400
    /// How much of what programs write must come through a boot, in percent of its entries, names and bytes.
    package var leastKept = 50
    /// How long one command of `drain`, `health` or `undrain` may take, in seconds.
    package var hookTimeout = 300
    /// The group whose hosts `maxUnavailable` counts; `nil`: all hosts of the run.
    package var budgetGroup: String?
    /// What fails together with this host, such as a rack; budgets hold within it as well.
    package var failureDomain: String?
    /// Hosts of a lower rank go first; a primary database has a high one.
    package var rank = 0
    /// When a reboot may be under way; empty means at any time.
    package var windows: [WindowSettings] = []
    /// Days on which no reboot may be under way, whatever the windows say.
    package var blackouts: [BlackoutSettings] = []
    /// The sets that the host belongs to, each with the number of members that must stay well.
    package var quorum: [QuorumSettings] = []
    /// Whether the host is often switched off or elsewhere, such as a laptop.
    ///
    /// Such a host is tried again for as long as its window is open, and being away is no failure.
    package var isOftenAway = false
    /// What must be so from outside *after* the reboot; by its name it is in digests that are published.
    package var gates: [OutsideCheck] = []
    /// What is kept of what the boot would erase unexplained; `nil`: nothing.
    package var safetyCopy: SafetyCopySettings?
    /// How many bytes of unexplained content that nobody knows a boot may erase without consent, in sum.
    package var unknownLossMax = 1 << 20
    /// Whether the host is rebooted by itself when a window opens; a window alone only allows it.
    package var isScheduled = false
    /// A scheduled reboot is left out while the last proven boot is younger than this, in seconds.
    package var scheduledAge: Int?

    /// What holds where nothing is written.
    package static let unset = Self()
}
