package import EbbModel
package import FoundationEssentials

/// What a person wants to know of a host before it is rebooted, beside its place in the plan.
package struct PlanOutlook: Sendable {
    /// When a reboot of the host may be under way, the next five times; `nil`: at any time.
    package let openings: [Opening]?
    /// How long a reboot of it takes, in seconds; so long before a window's end none is started.
    package let estimate: Int
    /// What the newest observation said it would lose; `nil` without one.
    package let atRisk: AtRisk?
    /// Controls of its policy that a person waived, as far as the waivers hold now.
    package let waivers: [Waiver]
    /// What every read-only gate says now; `nil` when nobody was asked.
    package var answer: Answer?

    package init(openings: [Opening]?, estimate: Int, atRisk: AtRisk?, waivers: [Waiver]) {
        (self.openings, self.estimate, self.atRisk, self.waivers) = (openings, estimate, atRisk, waivers)
    }

    /// Paths that nobody accounted for, as they were stored.
    package struct AtRisk: Sendable {
        package let paths: Int
        package let bytes: Int64
        package let at: Date

        package init(paths: Int, bytes: Int64, at: Date) { (self.paths, self.bytes, self.at) = (paths, bytes, at) }
    }

    /// What asking the host gave.
    package enum Answer: Sendable {
        case wouldReboot
        case wouldNot(AttemptEnd)
        /// What it answered could not be stored, so nothing was judged.
        case notKnown(String)
    }
}
