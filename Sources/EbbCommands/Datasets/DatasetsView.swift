import EbbEngine
import EbbModel
import EbbReport
import EbbSetup

/// The plans of several hosts, as a table or a document.
struct DatasetsView {
    let looks: [DatasetLook]
    /// Whether the plans are what is left after they were carried out.
    let isApplied: Bool

    func show(as format: OutputFormat, _ output: ResultOutput) throws {
        switch format {
        case .json: try output.write(json)
        default: try output.write(text)
        }
    }

    var status: ExitStatus {
        looks.reduce(ExitStatus.success) { status, look in
            guard let plan = look.plan, look.gap == nil else { return status.merged(with: .incomplete) }
            let isBad = plan.hasRefusals || plan.findings.contains(where: \.blocksErasing)
            return isBad ? status.merged(with: .findings) : status
        }
    }

    private var text: String {
        looks.map { look in
            let gap = look.gap.map { "  unknown: \(PrintableText.line($0.message))\n" } ?? ""
            let plan = (look.plan?.text ?? "").split(separator: "\n").map { "  \($0)\n" }.joined()
            return "\(look.settings.host.text)\n" + plan + gap
        }.joined()
    }

    private var json: JSON {
        [
            "schema": "ebb.datasets/1", "applied": .bool(isApplied),
            "hosts": .array(
                looks.map { look in
                    [
                        "host": .string(look.settings.host.text),
                        "complete": .bool(look.plan != nil && look.gap == nil),
                        "settled": .bool(look.plan?.isSettled == true && look.gap == nil), "done": .count(look.done),
                        "items": .array(look.plan?.items.map(\.json) ?? []),
                        "findings": .array(look.plan?.findings.map(\.json) ?? []),
                        "gaps": .array(look.gap.map { [$0.json] } ?? []),
                    ]
                }),
        ]
    }
}

extension DatasetPlan.Item {
    var json: JSON {
        let decided: (word: String, reason: String?, changes: [DatasetPlan.Change]) =
            switch decision {
            case .create(let changes): ("create", nil, changes)
            case .set(let changes): ("set", nil, changes)
            case .snapshot: ("snapshot", nil, [])
            case .mount(let device): ("mount", device, [])
            case .nothing: ("nothing", nil, [])
            case .refused(let reason): ("refused", reason, [])
            }
        return [
            "name": .string(name), "decision": .string(decided.word), "reason": .optional(decided.reason),
            "changes": .array(
                decided.changes.map {
                    ["property": .string($0.property), "from": .optional($0.from), "to": .string($0.to)]
                }), "notes": .array(notes.map { .string($0) }),
        ]
    }
}

extension DatasetPlan.Finding {
    var json: JSON {
        [
            "code": .string(code.rawValue), "name": .string(name), "message": .string(message),
            "blocksErasing": .bool(blocksErasing),
        ]
    }
}
