import EbbModel
import EbbPlan
import EbbProbe
import EbbStore
import EbbTransport

/// The steps of an attempt that talk to the host; none of them writes to the journal.
extension AttemptRunner {
    /// What became of handing the reboot over.
    enum HandOver: Sendable {
        case answered(RebootShell.Answer)
        /// The host may or may not have seen it.
        case lost(String)
    }

    /// Sends the reboot; again only while it is certain that the host has not seen it.
    ///
    /// Sending twice would be harmless: the host does it once per attempt, and only in the boot
    /// that it is meant for.
    func handOver(_ start: AttemptStart) async -> HandOver {
        let mark = mark(start)
        let probe = ProbeScript.Probe(name: "reboot", shell: RebootShell.send(attempt: mark, expecting: start.boot))
        var words = ""
        for _ in 1...3 {
            do throws(TransportError) {
                let answer = try await engine.ask(settings, [probe], timeout: .seconds(60))
                let output = answer.report.results["reboot"]?.output ?? []
                guard let read = RebootShell.answer(output) else { return .lost("the answer was not understood") }
                return .answered(read)
            } catch {
                words = error.message
                guard error.code.isBeforeCommand else { return .lost(words) }
            }
        }
        return .lost(words)
    }

    /// Leaves the canaries, and notes the file of each; an end when one could not be written and read back.
    func plant(_ canaries: inout [Canary]) async -> AttemptEnd? {
        let probe = ProbeScript.Probe(name: "plant", shell: CanaryShell.plant(canaries, owner: lease))
        do throws(TransportError) {
            let answer = try await engine.ask(settings, [probe], timeout: .seconds(60))
            let result = answer.report.results["plant"]
            let planted = CanaryShell.planted(result?.output ?? [])
            for (index, canary) in canaries.enumerated() {
                guard let file = planted[index] else {
                    let said = ProbeResult.message(result?.standardError ?? [])
                    return AttemptEnd(.canaryFailed, "\(canary.path): \(said)")
                }
                canaries[index].file = file
            }
            return nil
        } catch { return settings.notHeard(error) }
    }

    /// Runs commands of the inventory on the host, in order; an end at the first that fails.
    func commands(_ lines: [String], named name: String, else reason: AttemptReason) async -> AttemptEnd? {
        await engine.commands(lines, named: name, on: settings, else: reason)
    }
}

extension Engine {
    /// Runs commands of the inventory on the host, in order; an end at the first that fails.
    func commands(_ lines: [String], named name: String, on settings: HostSettings, else reason: AttemptReason) async
        -> AttemptEnd?
    {
        guard !lines.isEmpty else { return nil }
        let probes = lines.enumerated().map { index, line in
            ProbeScript.Probe(name: "\(name)-\(index)", shell: line, limit: settings.reboot.hookTimeout)
        }
        do throws(TransportError) {
            let limit = Duration.seconds(lines.count * settings.reboot.hookTimeout + 30)
            let answer = try await ask(settings, probes, timeout: limit)
            for (index, line) in lines.enumerated() {
                guard let result = answer.report.results["\(name)-\(index)"] else {
                    return AttemptEnd(reason, "\(line): no answer")
                }
                if result.status != 0 {
                    let said = ProbeResult.message(result.standardError)
                    return AttemptEnd(reason, "\(line): status \(result.status) \(said)")
                }
            }
            return nil
        } catch {
            // Whether the command failed is not known: before the reboot the host is let be, after it
            // the evidence lacks something.
            return reason.state == .skipped ? settings.notHeard(error) : AttemptEnd(.evidenceIncomplete, error.message)
        }
    }
}
