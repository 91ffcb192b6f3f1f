/// What the inventory says of the fleet as a whole, for the controller rather than for a host.
package struct FleetSettings: Hashable, Sendable, Codable {
    /// Where notices about rollouts and schedules go.
    package var notify: [NoticeChannel] = []
    /// How old the last observation of a host may grow before the scheduler makes another, in seconds.
    ///
    /// `nil`: half of the age at which the host's own policy calls an observation stale.
    package var collectEvery: Int?
    /// How often the scheduler goes through the evidence chain, in seconds.
    package var verifyEvery = 86_400

    package init() {}

    /// How old the last observation of this host may grow, in seconds.
    package func observeEvery(_ settings: HostSettings) -> Int {
        collectEvery ?? max(60, settings.compliance.observationMaxAge / 2)
    }
}
