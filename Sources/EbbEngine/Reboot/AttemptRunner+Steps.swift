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
    func handOver(_ start: Start) async -> HandOver {
        let mark = mark(start)
        let probe = ProbeScript.Probe(
            name: "reboot", shell: RebootShell.send(attempt: mark, expecting: start.boot))
        var words = ""
        for _ in 1...3 {
            do throws(TransportError) {
                let answer = try await engine.ask(settings, [probe], timeout: .seconds(60))
                let output = answer.report.results["reboot"]?.output ?? []
                guard let read = RebootShell.answer(output) else {
                    return .lost("the answer was not understood")
                }
                return .answered(read)
            } catch {
                words = error.message
                guard error.code.isBeforeCommand else { return .lost(words) }
            }
        }
        return .lost(words)
    }

    /// Leaves the canaries; an end when one could not be written and read back.
    func plant(_ canaries: [Canary]) async -> AttemptEnd? {
        let probe = ProbeScript.Probe(name: "plant", shell: CanaryShell.plant(canaries))
        do throws(TransportError) {
            let answer = try await engine.ask(settings, [probe], timeout: .seconds(60))
            let result = answer.report.results["plant"]
            let planted = CanaryShell.planted(result?.output ?? [])
            for (index, canary) in canaries.enumerated() where !planted.contains(index) {
                let said = ProbeResult.message(result?.standardError ?? [])
                return AttemptEnd(.canaryFailed, "\(canary.path): \(said)")
            }
            return nil
        } catch {
            return settings.notHeard(error)
        }
    }

    /// Runs commands of the inventory on the host, in order; an end at the first that fails.
    func commands(
        _ lines: [String], named name: String, else reason: AttemptReason
    ) async -> AttemptEnd? {
        guard !lines.isEmpty else { return nil }
        let probes = lines.enumerated().map { index, line in
            ProbeScript.Probe(
                name: "\(name)-\(index)", shell: line, limit: settings.reboot.hookTimeout)
        }
        do throws(TransportError) {
            let limit = Duration.seconds(lines.count * settings.reboot.hookTimeout + 30)
            let answer = try await engine.ask(settings, probes, timeout: limit)
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
            return reason.state == .skipped
                ? settings.notHeard(error) : AttemptEnd(.evidenceIncomplete, error.message)
        }
    }

    /// How the wait for a new boot ended.
    enum Wait: Sendable {
        case booted(BootID)
        case end(AttemptEnd)
    }

    /// Probes the host until it runs another boot, or `BootWatch` gives up.
    func newBoot(after start: Start) async -> Wait {
        let begin = engine.clock.now()
        var watch = BootWatch(
            before: start.boot, timeout: .seconds(settings.reboot.timeout))
        while true {
            let probe = await probeBoot(before: start.boot, mark: mark(start))
            let elapsed = engine.clock.now() - begin
            switch watch.probed(probe, at: elapsed) {
            case .booted(let boot): return .booted(boot)
            case .end(let end): return .end(end)
            case .wait(let pause):
                tell(.waiting(host, elapsed: elapsed, last: watch.lastReason))
                do {
                    try await engine.clock.sleep(pause)
                } catch {
                    return .end(
                        AttemptEnd(.evidenceIncomplete, "the wait was cancelled in Ebb itself"))
                }
            }
        }
    }

    /// Asks which boot the host runs; `before` is the boot that was to be ended.
    func probeBoot(before: BootID, mark: String? = nil) async -> BootWatch.Probe {
        let probe =
            mark.map { BootProbe.probe(attempt: $0, before: before) } ?? BootProbe.probe
        // What a boot is known by was connected to in that boot.
        await engine.transport.forget(host)
        do throws(TransportError) {
            let answer = try await engine.transport.withConnection(
                to: settings.connection, timeout: .seconds(10)
            ) { connection throws(TransportError) in
                try await HostSession(settings: settings, connection: connection)
                    .ask([probe], timeout: .seconds(10))
            }
            let output = answer.report.results[BootProbe.name]?.output ?? []
            guard let read = BootProbe.answer(output) else {
                return .silent("it answers without a boot id")
            }
            return read.isRestarted ? .restarted(read.boot) : .answered(read.boot)
        } catch {
            switch error.code {
            case .hostKeyMismatch, .hostKeyUnknown, .hostKeyRevoked:
                return .otherHostKey(error.message)
            case .authenticationFailed: return .refusedLogin(error.message)
            case .differentMachine: return .otherMachine(error.message)
            case .bannerTimedOut, .keyExchangeTimedOut, .authenticationTimedOut:
                return .mute(error.message)
            default: return .silent(error.message)
            }
        }
    }

    /// Waits until the host's service manager has left its start-up, at most two minutes.
    ///
    /// Whatever state it reaches is judged by the proof; no answer here is no verdict.
    func settle() async {
        let probe = BootProbe.settling(limit: 120)
        _ = try? await engine.ask(settings, [probe], timeout: .seconds(150))
    }
}
