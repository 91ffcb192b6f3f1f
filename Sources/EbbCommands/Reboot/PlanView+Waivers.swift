import EbbEngine
import EbbModel
import EbbPlan
import EbbReport

extension PlanView {
    /// What was waived, told once for all hosts that share it.
    ///
    /// A waiver changes nothing of a plan: whoever reads one must know what nobody answers for.
    func waived() -> String {
        var shared: [(waiver: Waiver, hosts: [HostName])] = []
        for host in plan.hosts {
            for waiver in outlooks[host]?.waivers ?? [] {
                if let index = shared.firstIndex(where: { $0.waiver == waiver }) {
                    shared[index].hosts.append(host)
                } else {
                    shared.append((waiver, [host]))
                }
            }
        }
        return shared.map { waiver, hosts in
            let end = waiver.endsAt.map { UTCText.minute($0) } ?? waiver.until
            return "\(waiver.control.rawValue) is waived until \(end) for "
                + hosts.map(\.text).joined(separator: ", ")
                + ", by \(PrintableText.line(waiver.by)): \(PrintableText.line(waiver.reason))\n"
        }.joined()
    }

    /// The waivers of one host in the document.
    static func json(of waivers: [Waiver]) -> JSON {
        .array(
            waivers.map { waiver in
                [
                    "control": .string(waiver.control.rawValue), "reason": .string(waiver.reason),
                    "by": .string(waiver.by), "until": .string(waiver.until),
                    "endsAt": .optional(waiver.endsAt) { .string(JSONText.instant($0)) },
                ]
            })
    }
}
