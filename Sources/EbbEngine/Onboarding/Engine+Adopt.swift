import EbbClassifier
package import EbbModel
import EbbProbe
package import EbbSetup
import EbbTransport

/// What became of moving one declared path.
package struct Adoption: Sendable, Hashable {
    package let entry: PersistenceEntry
    package let outcome: Outcome
    /// One sentence for a person; may hold text of the host.
    package let message: String
    /// Remarks on the way.
    package let notes: [AdoptReport.Note]
}

extension Engine {
    /// The settings of a host with its presets expanded and every target filled in.
    package func expanded(_ settings: HostSettings) -> HostSettings {
        var settings = settings
        settings.persistence = settings.persistenceSet(catalogue)
        settings.presets = []
        return settings
    }

    /// Moves one declared path, moves it back, or closes its move; `settings` are expanded.
    package func adopt(
        _ operation: AdoptScript.Operation, _ entry: PersistenceEntry, _ settings: HostSettings,
        pausesServices: Bool = false
    ) async -> Adoption {
        func end(_ outcome: Outcome, _ message: String, _ report: AdoptReport? = nil) -> Adoption {
            Adoption(entry: entry, outcome: outcome, message: message, notes: report?.notes ?? [])
        }
        let script: AdoptScript
        do throws(AdoptRefusal) {
            script = try AdoptScript(
                operation, entry: entry, settings: settings, nonce: .random(), pausesServices: pausesServices)
        } catch { return end(.failed, error.message) }
        let request = CommandRequest.script(script.bytes, timeout: .seconds(3_600)).becoming(settings.connection.become)
        do throws(TransportError) {
            let output = try await transport.withConnection(to: settings.connection, timeout: limits.connect) {
                connection throws(TransportError) in try await connection.run(request)
            }
            let report = AdoptReport(parsing: output.standardOutput, nonce: script.nonce)
            switch report.end {
            case .unchanged(let text), .changed(let text): return end(report.outcome, text, report)
            case .refused(let refusal): return end(.failed, refusal.message, report)
            case .failed(let code, let message): return end(.failed, "\(message) (\(code))", report)
            case .interrupted:
                let said = ProbeResult.message(output.standardError)
                return end(
                    .indeterminate,
                    "the copy was interrupted; `ebb persistence adopt \(settings.host)` resumes it. \(said)", report)
            }
        } catch { return end(error.code.isBeforeCommand ? .unreachable : .indeterminate, error.message) }
    }
}
