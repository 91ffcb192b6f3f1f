import EbbEngine
import EbbInventory
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// The step `report`: writes down where the playbook's hosts stand.
struct PlayWriting: Sendable {
    let fleet: Fleet
    let options: GlobalOptions
    let report: Playbook.Report
    /// The rollout of this playbook, if one was started.
    let rollout: RolloutID?
    let storesTexts: Bool

    func run() async throws -> (text: String?, ExitStatus) {
        let (text, status) = try await written()
        if let path = report.output {
            do { try WholeFile.write(Array(text.utf8), to: path) } catch {
                throw Failure(.toolFailure, "cannot write \(path)", cause: error)
            }
            options.notes.note("wrote \(path)")
        } else if storesTexts {
            return (text, status)
        } else {
            Terminal.output.write(text + "\n")
        }
        return (nil, status)
    }

    private var width: Int? { report.output == nil ? Terminal.output.width : nil }

    private var isColored: Bool { report.output == nil && options.results.isColored }

    private func written() async throws -> (String, ExitStatus) {
        let store = try await fleet.store()
        switch report.kind {
        case .drift:
            let drift = DriftReport(generatedAt: Date(), hosts: try await DriftSurvey(store).stored(fleet.selected))
            let text =
                switch report.format {
                case "json": JSONText.document(drift.json)
                case "ndjson": drift.records.map { JSONText.line($0) + "\n" }.joined()
                case "table": drift.text(width: width, color: isColored)
                default: throw unknownFormat(["table", "json", "ndjson"])
                }
            // The gate before it has decided; this only tells.
            return (text, drift.exitStatus(failOn: []))
        case .reboot:
            guard let own = self.rollout else { return ("this playbook started no rollout\n", .success) }
            let rollout = try await store.rolloutReport(own)
            switch report.format {
            case "json": return (JSONText.document(rollout.json), rollout.exitStatus)
            case "table": return (rollout.text(width: width, color: isColored), rollout.exitStatus)
            default: throw unknownFormat(["table", "json"])
            }
        case .compliance:
            let survey = try await store.complianceReport(of: fleet.selected, toolVersion: EbbCommand.version)
            guard let format = ComplianceFormat(rawValue: report.format) else {
                throw unknownFormat(ComplianceFormat.allCases.map(\.rawValue))
            }
            return (survey.rendered(as: format, width: width, color: isColored), survey.exitStatus)
        }
    }

    private func unknownFormat(_ known: [String]) -> Failure {
        Failure(
            .usage, "a report on \(report.kind.rawValue) has no format \(report.format)",
            hint: "one of: \(known.joined(separator: ", "))")
    }
}
