import EbbClassifier
package import EbbModel
import EbbProbe
package import EbbSetup
import EbbStore
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
            case .unchanged(let text), .changed(let text):
                let trouble = operation == .adopt ? await recordStorage(of: entry, settings) : nil
                return end(report.outcome, text + (trouble.map { "; \($0)" } ?? ""), report)
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

    /// Puts the storage that holds an adopted path on record; why it could not, in words.
    private func recordStorage(of entry: PersistenceEntry, _ settings: HostSettings) async -> String? {
        let later = "its storage is put on record by the first proof"
        do {
            let probe = CensusProbe.probe([entry], onlyStorage: true, limit: 30)
            let answer = try await ask(settings, [probe], timeout: .seconds(60))
            let output = answer.report.results[CensusProbe.name]?.output ?? []
            let found = try CensusReader.census(output, of: [entry], takenAt: 0).places[entry.path]
            guard let mark = found.flatMap(StorageMark.init) else { return "nothing identifies its storage" }
            try await store.recordStorage(host: settings.host, [entry.path: mark], isProven: true, at: clock.date())
            return nil
        } catch {
            let why = (error as? ProbeGap)?.words ?? (error as? TransportError)?.message ?? "\(error)"
            return "\(later): \(why)"
        }
    }
}
