/// The stages of moving a living host over, in their order.
package enum OnboardingStep: String, Sendable, Codable, CaseIterable {
    /// The declared datasets or subvolumes exist.
    case datasets
    /// Persistent storage is mounted, and the boot-time unit of the persistence set is installed.
    case persist
    /// Every declared path lives on persistent storage.
    case adopt
    /// The erase mechanism is installed for a trial: it checks and erases nothing.
    case install
    /// The blank is taken and its identity recorded.
    case blank
    /// The host booted once without erasing, and what it would have lost is known.
    case trial
    /// The erase mechanism erases from the next boot on.
    case arm
    /// A boot erased the root and kept everything declared.
    case prove

    /// Whether the step is a reboot.
    package var isReboot: Bool { self == .trial || self == .prove }

    /// What undoing it means, for a person.
    package var undoing: String {
        switch self {
        case .datasets: "datasets and subvolumes stay: Ebb destroys none"
        case .persist: "the boot-time unit is removed; the storage and what is on it stay"
        case .adopt: "every declared path goes back to the root, with its newest data"
        case .install: "the files of the erase mechanism are removed, the initramfs is rebuilt"
        case .blank: "the blank stays, and nothing goes back to it any more"
        case .trial: "nothing: the boot changed nothing"
        case .arm: "the erase mechanism is set back to trial"
        case .prove: "nothing: what a boot erased is gone"
        }
    }
}
