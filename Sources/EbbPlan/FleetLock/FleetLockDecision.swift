package import EbbModel
package import FoundationEssentials

extension FleetLockRequest {
    /// Decides about the request; the same request twice has the effect of one.
    ///
    /// A holder keeps its slot whatever happens meanwhile: its reboot may be under way. Freeing is
    /// never refused. `stopped` says why nobody in the group may reboot now, such as a stop flag.
    package func decide(_ limit: SlotLimit, among slots: [Slot], stopped: String?, at now: Date)
        throws(FleetLockFailure) -> SlotChange
    {
        let wanted = Slot(machine: id, holder: .agent(group: group), since: now)
        let held = slots.first { $0.machine == id && $0.holder == wanted.holder }
        switch endpoint {
        case .steadyState: return held.map(SlotChange.free) ?? .none
        case .preReboot:
            if held != nil { return .none }
            if let stopped { throw FleetLockFailure(.conflict, "stopped", PrintableText.line(stopped)) }
            if let words = limit.refusal(of: wanted, among: slots) {
                throw FleetLockFailure(.conflict, "failed_lock", words)
            }
            return .take(wanted)
        }
    }
}
