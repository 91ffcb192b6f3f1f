/// Reads a playbook.
package enum PlaybookReader {
    /// A playbook and everything that is wrong with its text.
    package struct Reading: Sendable {
        /// `nil` when there is an error among the problems.
        package let playbook: Playbook?
        package let problems: [SourceProblem]
    }

    /// Reads the bytes of a file; `file` is its name in messages.
    package static func read(_ bytes: [UInt8], file: String) -> Reading {
        let problems = ProblemCollector()
        guard let value = YAMLText.value(of: bytes, file: file, problems: problems) else {
            return Reading(playbook: nil, problems: problems.problems)
        }
        let map = MapReader(value, name: "the playbook", problems: problems)
        if value.isNull { problems.error(at: value.location, "the playbook is empty") }
        let name = map.need("name", .string, hint: "what is it for?")
        let hosts = map.need("hosts", .string, hint: "a pattern; “all” is everyone")
        let steps = steps(map)
        map.finish()
        remark(steps, problems)
        let found = problems.problems
        guard let name, let hosts, !found.contains(where: { $0.severity == .error }) else {
            return Reading(playbook: nil, problems: found)
        }
        return Reading(playbook: Playbook(name: name, hosts: hosts, steps: steps), problems: found)
    }

    private static func steps(_ map: MapReader) -> [Playbook.Step] {
        map.missing("steps", hint: "a list of steps")
        guard let value = map.value("steps") else { return [] }
        guard case .list(let written) = value.content else {
            map.wrong("steps", value, "a list")
            return []
        }
        if written.isEmpty { map.problems.error(at: value.location, "the playbook has no steps") }
        return written.compactMap(StepReader(problems: map.problems).step)
    }

    /// Points out what is allowed and seldom meant.
    private static func remark(_ steps: [Playbook.Step], _ problems: ProblemCollector) {
        for (index, step) in steps.enumerated() {
            guard case .reboot(let reboot) = step.action else { continue }
            let before = steps[..<index].contains { $0.action.word == "drift" }
            if !before, !reboot.acceptsLoss {
                problems.warning(
                    at: step.location, "hosts are rebooted although nobody asked what they would lose",
                    hint: "put a step “drift” before it")
            }
        }
    }
}
