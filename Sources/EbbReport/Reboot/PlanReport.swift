package import EbbModel
package import EbbPlan

/// A plan with what is known of its hosts.
package struct PlanReport: Sendable {
    package let plan: RebootPlan
    /// What names the plan.
    package let hash: String
    package let outlooks: [HostName: PlanOutlook]

    package init(_ plan: RebootPlan, hash: String, outlooks: [HostName: PlanOutlook]) {
        (self.plan, self.hash, self.outlooks) = (plan, hash, outlooks)
    }

    /// For a person.
    package func text(width: Int?, color: Bool) -> String {
        let columns: [TextTable.Column] = [.init("WOULD LOSE"), .init("TAKES", .right)]
        let table = waves(columns) { host in
            let outlook = outlooks[host]
            let (word, role, why) = Self.decision(outlook?.answer)
            return [
                .init(word, role), .init(Self.loss(outlook?.atRisk)),
                .init(outlook.map { TextDuration.text(.seconds($0.estimate)) } ?? ""), .init(why),
            ]
        }
        return table.rendered(width: width, color: color) + limits + openings() + waived()
            + (notAsked.isEmpty ? "" : "checked at the time of the run: \(notAsked.joined(separator: "; "))\n")
            + "plan \(hash)\n"
    }

    /// What a run asks beyond what is said here.
    private var notAsked: [String] {
        if plan.hosts.isEmpty { return [] }
        let always = [
            "drain commands", "the lease of other controllers", "whether canaries and the safety copy can be written",
        ]
        if plan.hosts.allSatisfy({ outlooks[$0]?.isAsked == true }) { return always }
        return [
            "whether the host is reached and answers whole", "what changed on it since it was observed",
            "programs that a reboot would cut short", "its blank",
        ] + always
    }

    /// Who goes in which wave, and who in none; `columns` stand between what is planned and why.
    private func waves(_ columns: [TextTable.Column], _ cells: (HostName) -> [TextTable.Cell]) -> TextTable {
        var table = TextTable(
            [.init("WAVE", .right), .init("HOST"), .init("PLAN")] + columns + [.init("WHY", shrinks: true)])
        for (index, wave) in plan.waves.enumerated() {
            for host in wave { table.add([.init(index + 1), .init(host.text, .emphasis)] + cells(host)) }
        }
        for withheld in plan.withheld {
            table.add(
                [.init("-"), .init(withheld.host.text, .emphasis), .init("withheld", .warning)]
                    + columns.map { _ in "" } + [.init(withheld.reason)])
        }
        return table
    }

    private static func decision(_ answer: PlanOutlook.Answer?) -> (String, TextRole, String) {
        switch answer {
        case nil: ("reboot", .good, "")
        case .wouldReboot?: ("would reboot", .good, "every gate that only reads lets it")
        case .wouldNot(let end)?: ("would not", .warning, "\(end.reason.rawValue): \(end.message)")
        case .notKnown(let words)?: ("not known", .warning, words)
        }
    }

    private static func loss(_ atRisk: PlanOutlook.AtRisk?) -> String {
        guard let atRisk else { return "not known" }
        return atRisk.paths == 0 ? "nothing known" : "\(atRisk.paths) paths, \(ByteCount.text(atRisk.bytes))"
    }

    /// The hosts that share a value, in the order of the plan: what they share is told once.
    private func shared<Value: Equatable>(_ values: (PlanOutlook) -> [Value]) -> [(value: Value, hosts: String)] {
        var shared: [(value: Value, hosts: String)] = []
        for host in plan.hosts {
            for value in outlooks[host].map(values) ?? [] {
                if let index = shared.firstIndex(where: { $0.value == value }) {
                    shared[index].hosts += ", " + host.text
                } else {
                    shared.append((value, host.text))
                }
            }
        }
        return shared
    }

    /// The next five openings.
    private func openings() -> String {
        let windows = shared { outlook -> [String] in
            guard let openings = outlook.openings else { return [] }
            let lines = openings.map { opening in
                let last = opening.latestStart(taking: outlook.estimate).map { "last start \(UTCText.minute($0))" }
                return "  \(UTCText.minute(opening.start)) to \(UTCText.minute(opening.end)), "
                    + (last ?? "too short for a reboot") + "\n"
            }
            return [lines.joined()]
        }
        return windows.map { "windows of \($0.hosts):\n\($0.value)" }.joined()
    }

    /// The document `ebb.reboot-plan/1`.
    package var json: JSON {
        [
            "schema": "ebb.reboot-plan/1", "hash": .string(hash), "failureBudget": .count(plan.failureBudget),
            "limits": .array(
                plan.limits.map { limit in
                    [
                        "group": .string(limit.group), "maxUnavailable": .count(limit.maxUnavailable),
                        "members": .strings(limit.members.map(\.text)),
                    ]
                }), "unavailable": .strings(plan.unavailable.map(\.text)), "notAsked": .strings(notAsked),
            "hosts": .array(plan.waves.enumerated().flatMap { index, wave in wave.map { host($0, wave: index + 1) } }),
            "withheld": .array(plan.withheld.map { ["host": .string($0.host.text), "reason": .string($0.reason)] }),
        ]
    }

    private func host(_ name: HostName, wave: Int) -> JSON {
        let outlook = outlooks[name]
        return [
            "host": .string(name.text), "wave": .count(wave),
            "estimateSeconds": .optional(outlook) { .count($0.estimate) },
            "atRisk": .optional(outlook?.atRisk) { risk in
                ["paths": .count(risk.paths), "bytes": .count(risk.bytes), "observedAt": .instant(risk.at)]
            },
            "openings": .optional(outlook?.openings) { openings in
                .array(
                    openings.map { opening in
                        [
                            "start": .string(UTCText.rfc3339(opening.start)),
                            "end": .string(UTCText.rfc3339(opening.end)),
                            "lastStart": .optional(
                                opening.latestStart(taking: outlook?.estimate ?? 0).map(UTCText.rfc3339)),
                        ]
                    })
            }, "waivers": .optional(outlook) { Self.json(of: $0.waivers) },
            "gates": .optional(outlook?.answer) { answer in
                switch answer {
                case .wouldReboot: ["wouldReboot": true, "reason": nil, "message": nil]
                case .wouldNot(let end):
                    ["wouldReboot": false, "reason": .string(end.reason.rawValue), "message": .string(end.message)]
                case .notKnown(let words): ["wouldReboot": nil, "reason": nil, "message": .string(words)]
                }
            },
        ]
    }

    /// What the answers of the hosts mean for the command's exit.
    package var exitStatus: ExitStatus {
        outlooks.values.reduce(plan.hosts.isEmpty || !plan.withheld.isEmpty ? .findings : .success) { status, outlook in
            switch outlook.answer {
            case .wouldNot(let end)?: status.merged(with: end.reason.exitStatus)
            case .notKnown?: status.merged(with: .incomplete)
            case .wouldReboot?, nil: status
            }
        }
    }

    /// Who goes in which wave, without what is known of the hosts.
    package func summary(width: Int?) -> String {
        waves([]) { _ in [.init("reboot", .good)] }.rendered(width: width) + limits
    }

    /// What holds the run back, a line each.
    private var limits: String {
        var text = ""
        for limit in plan.limits where limit.members.count > 1 {
            text +=
                "group \(limit.group): at most \(limit.maxUnavailable) of "
                + "\(limit.members.count) hosts unavailable, for any reason\n"
        }
        let budget = plan.failureBudget
        text +=
            budget == 1
            ? "stops after 1 host that fails, stays silent or stays unproven\n"
            : "stops after \(budget) hosts that fail, stay silent or stay unproven\n"
        return text
    }

    /// What was waived.
    ///
    /// A waiver changes nothing of a plan: whoever reads one must know what nobody answers for.
    private func waived() -> String {
        shared(\.waivers).map { waiver, hosts in
            let end = waiver.endsAt.map { UTCText.minute($0) } ?? waiver.until
            return "\(waiver.control.rawValue) is waived until \(end) for \(hosts), "
                + "by \(PrintableText.line(waiver.by)): \(PrintableText.line(waiver.reason))\n"
        }.joined()
    }

    /// The waivers of one host in the document.
    private static func json(of waivers: [Waiver]) -> JSON {
        .array(
            waivers.map { waiver in
                [
                    "control": .string(waiver.control.rawValue), "reason": .string(waiver.reason),
                    "by": .string(waiver.by), "until": .string(waiver.until), "endsAt": .instant(waiver.endsAt),
                ]
            })
    }
}
