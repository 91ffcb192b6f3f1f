import EbbModel
import EbbPlan
import EbbProbe
import EbbTransport

/// How a wait for a new boot ended.
enum BootWait: Sendable {
    case booted(BootID)
    case end(AttemptEnd)
}

/// Whether a reboot was handed over, as the host itself knows it.
enum HandOverMark: Sendable {
    /// The host runs another boot than the one that was to be ended.
    case otherBoot
    /// It was handed over, and is still to come or came to nothing.
    case handedOver
    /// It was not handed over, and cannot be any more.
    case withdrawn
    /// The host did not say, for this reason.
    case unknown(String)
}

/// The one place where a host is asked which boot it runs, and waited for.
extension Engine {
    /// How long a host may take for so small a question.
    private static let patience = Duration.seconds(20)

    /// Asks which boot the host runs.
    ///
    /// With the mark of a reboot that was handed over, the answer also tells a restart of its
    /// services within the boot that was to be ended.
    func probeBoot(_ settings: HostSettings, before: BootID? = nil, mark: String? = nil) async -> BootWatch.Probe {
        var probe = BootProbe.probe
        if let before, let mark { probe = BootProbe.probe(attempt: mark, before: before) }
        do throws(TransportError) {
            guard let read = BootProbe.answer(try await askAnew(settings, probe)) else {
                return .silent("it answers without a boot id")
            }
            return read.isRestarted ? .restarted(read.boot) : .answered(read.boot)
        } catch {
            return switch error.code {
            case .hostKeyMismatch, .hostKeyUnknown, .hostKeyRevoked: .otherHostKey(error.message)
            case .authenticationFailed: .refusedLogin(error.message)
            case .differentMachine: .otherMachine(error.message)
            case .bannerTimedOut, .keyExchangeTimedOut, .authenticationTimedOut: .mute(error.message)
            default: .silent(error.message)
            }
        }
    }

    /// Asks whether a reboot was handed over, and sees to it that one that was not never will be:
    /// a script that is still on its way comes too late.
    func withdrawReboot(_ settings: HostSettings, before: BootID, mark: String) async -> HandOverMark {
        let probe = ProbeScript.Probe(
            name: "withdraw", shell: RebootShell.withdraw(attempt: mark, expecting: before), limit: 10)
        do throws(TransportError) {
            switch RebootShell.withdrawal(try await askAnew(settings, probe)) {
            case .otherBoot?: return .otherBoot
            case .alreadySent?: return .handedOver
            case .withdrawn?: return .withdrawn
            case nil: return .unknown("its answer was not understood")
            }
        } catch { return .unknown(error.message) }
    }

    /// Asks over a new connection: what a boot is known by was connected to in that boot.
    private func askAnew(_ settings: HostSettings, _ probe: ProbeScript.Probe) async throws(TransportError) -> [UInt8] {
        await transport.forget(settings.host)
        let answer = try await transport.withConnection(to: settings.connection, timeout: Self.patience) {
            connection throws(TransportError) in
            try await HostSession(settings: settings, connection: connection).ask([probe], timeout: Self.patience)
        }
        return answer.report.results[probe.name]?.output ?? []
    }

    /// Probes the host until it runs another boot, or `BootWatch` gives up.
    func awaitBoot(
        _ settings: HostSettings, after before: BootID, mark: String? = nil,
        waiting: @Sendable (_ elapsed: Duration, _ last: String) -> Void = { _, _ in }
    ) async -> BootWait {
        let begin = clock.now()
        var watch = BootWatch(before: before, timeout: .seconds(settings.reboot.timeout))
        while true {
            let probe = await probeBoot(settings, before: before, mark: mark)
            let elapsed = clock.now() - begin
            switch watch.probed(probe, at: elapsed) {
            case .booted(let boot): return .booted(boot)
            case .end(let end): return .end(end)
            case .wait(let pause):
                waiting(elapsed, watch.lastReason)
                do { try await clock.sleep(pause) } catch {
                    return .end(AttemptEnd(.evidenceIncomplete, "the wait was cancelled in Ebb itself"))
                }
            }
        }
    }

    /// Waits until the host's service manager has left its start-up, at most three minutes.
    ///
    /// Whatever state it reaches is judged by other probes; no answer here is no verdict.
    func settle(_ settings: HostSettings) async {
        let probe = BootProbe.settling(limit: 180)
        _ = try? await ask(settings, [probe], timeout: .seconds(210))
    }
}
