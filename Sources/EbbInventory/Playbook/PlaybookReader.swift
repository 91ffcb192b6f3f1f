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
        if value.isNull {
            problems.error(at: value.location, "the playbook is empty")
        }
        let name = map.requiredString("name", hint: "what is it for?")
        let hosts = map.requiredString("hosts", hint: "a pattern; “all” is everyone")
        let written = map.list("steps") ?? []
        if written.isEmpty { map.missing("steps", hint: "a list of steps") }
        if map.has("steps"), written.isEmpty {
            problems.error(at: map.value("steps")?.location, "the playbook has no steps")
        }
        let reader = StepReader(problems: problems)
        let steps = written.compactMap(reader.step)
        map.finish()
        remark(steps, problems)
        let found = problems.problems
        guard let name, let hosts, !found.contains(where: { $0.severity == .error }) else {
            return Reading(playbook: nil, problems: found)
        }
        return Reading(
            playbook: Playbook(name: name, hosts: hosts, steps: steps), problems: found)
    }

    /// Points out what is allowed and seldom meant.
    private static func remark(_ steps: [Playbook.Step], _ problems: ProblemCollector) {
        for (index, step) in steps.enumerated() {
            guard case .reboot(let reboot) = step.action else { continue }
            let before = steps[..<index].contains { $0.action.word == "drift" }
            if !before, !reboot.acceptsLoss {
                problems.warning(
                    at: step.location, "hosts are rebooted without a look at what they would lose",
                    hint: "put a step “drift” before it")
            }
        }
    }
}
