import EbbModel
import EbbPlan
import EbbReport

/// A reboot plan for people.
enum PlanText {
    static func rendered(_ plan: RebootPlan, width: Int?, color: Bool) -> String {
        var table = TextTable([
            .init("WAVE", .right), .init("HOST"), .init("PLAN"), .init("WHY", shrinks: true),
        ])
        for (index, wave) in plan.waves.enumerated() {
            for host in wave {
                table.add([.init(index + 1), .init(host.text, .emphasis), .init("reboot", .good)])
            }
        }
        for withheld in plan.withheld {
            table.add([
                .init("-"), .init(withheld.host.text, .emphasis), .init("withheld", .warning),
                .init(withheld.reason),
            ])
        }
        return table.rendered(width: width, color: color) + limits(plan)
    }

    /// What holds the run back, a line each.
    static func limits(_ plan: RebootPlan) -> String {
        var text = ""
        for limit in plan.limits where limit.members.count > 1 {
            text +=
                "group \(limit.group): at most \(limit.maxUnavailable) of "
                + "\(limit.members.count) hosts unavailable, for any reason\n"
        }
        text +=
            "stops after \(plan.failureBudget) host(s) that fail, stay silent or stay unproven\n"
        return text
    }
}
