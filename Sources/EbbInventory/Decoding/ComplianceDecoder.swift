import EbbModel

/// What a host must show.
struct ComplianceDecoder {
    let state: StateDecoder

    func decode(_ map: MapReader, into policy: inout CompliancePolicy) {
        defer { map.finish() }
        if let age = map.span("proven_boot_max_age") { policy.provenBootMaxAge = age }
        if let count = map.integer("unexplained_max", in: 0...Int.max) {
            policy.unexplainedMax = count
        }
        if let grace = map.span("unexplained_grace") { policy.unexplainedGrace = grace }
        if let age = map.span("safe_snapshot_max_age") { policy.safeSnapshotMaxAge = age }
        if let age = map.span("observation_max_age") { policy.observationMaxAge = age }
        if let isAsked = map.bool("erase_fail_closed") { policy.eraseFailClosed = isAsked }
        if let identity = map.string("blank_identity") { policy.blankIdentity = identity }
        if let age = map.span("stop_flag_max_age") { policy.stopFlagMaxAge = age }
        policy.waivers = state.named(map, "waivers", state.waiver)
    }
}
