import EbbModel
package import FoundationEssentials

/// The slots of one group, and who holds them.
package struct FleetLockGroup: Hashable, Sendable {
    /// An agent that may reboot, since when.
    package struct Holder: Hashable, Sendable, Codable {
        package let id: String
        package let since: Date

        package init(id: String, since: Date) {
            self.id = id
            self.since = since
        }
    }

    /// What a request changes, to be stored before it is answered.
    package enum Change: Hashable, Sendable {
        /// Nothing: the slot was held already, or was not held.
        case none
        case acquired(Holder)
        case released(Holder)
    }

    package let name: String
    /// How many of the group may be unavailable at once.
    package let slots: Int
    package let holders: [Holder]
    /// How many slots Ebb itself needs: hosts of the group that are not known to be well.
    package let busy: Int
    /// Why nobody in the group may reboot now, such as a stop flag or a closed window.
    package let stopped: String?

    package init(
        name: String, slots: Int, holders: [Holder], busy: Int = 0, stopped: String? = nil
    ) {
        self.name = name
        self.slots = slots
        self.holders = holders
        self.busy = busy
        self.stopped = stopped
    }

    /// Decides about a request; the same request twice has the effect of one.
    ///
    /// A holder keeps its slot whatever happens meanwhile: its reboot may be under way. Freeing is
    /// never refused.
    package func answer(
        _ request: FleetLockRequest, at now: Date
    ) throws(FleetLockFailure) -> Change {
        let held = holders.first { $0.id == request.id }
        switch request.endpoint {
        case .steadyState:
            return held.map(Change.released) ?? .none
        case .preReboot:
            if held != nil { return .none }
            if let stopped {
                throw FleetLockFailure(.conflict, "stopped", PrintableText.line(stopped))
            }
            guard holders.count + busy < slots else {
                throw FleetLockFailure(
                    .conflict, "failed_lock",
                    "all \(slots) slots of \(name) are taken: \(holders.count) by agents, "
                        + "\(busy) by hosts that are not known to be well")
            }
            return .acquired(Holder(id: request.id, since: now))
        }
    }
}
