import EbbModel
import EbbPlan
import EbbProbe
import EbbTransport

/// How a reboot ended that proves nothing but that the host came back.
enum PlainReboot: Sendable {
    case booted(BootID)
    case failed(String)
}

extension Engine {
    /// Reboots a host once and waits until it runs another boot.
    ///
    /// `mark` makes it happen once only, however often it is sent within one boot.
    func reboot(_ settings: HostSettings, mark: String) async -> PlainReboot {
        let old: BootID
        switch await boot(of: settings) {
        case .answered(let boot), .restarted(let boot): old = boot
        case .silent(let words), .mute(let words), .otherHostKey(let words),
            .refusedLogin(let words), .otherMachine(let words):
            return .failed("it could not be asked before the reboot: \(words)")
        }
        let probe = ProbeScript.Probe(
            name: "reboot", shell: RebootShell.send(attempt: mark, expecting: old))
        do throws(TransportError) {
            let answer = try await ask(settings, [probe], timeout: .seconds(60))
            let read = RebootShell.answer(answer.report.results["reboot"]?.output ?? [])
            if case .refused(let words)? = read { return .failed(words) }
        } catch {
            if error.code.isBeforeCommand { return .failed(error.message) }
        }
        let begin = clock.now()
        var watch = BootWatch(before: old, timeout: .seconds(settings.reboot.timeout))
        while true {
            switch watch.probed(await boot(of: settings), at: clock.now() - begin) {
            case .booted(let boot):
                await settle(settings)
                return .booted(boot)
            case .end(let end): return .failed(end.message)
            case .wait(let pause):
                do { try await clock.sleep(pause) } catch { return .failed("it was cancelled") }
            }
        }
    }

    private func boot(of settings: HostSettings) async -> BootWatch.Probe {
        // What a boot is known by was connected to in that boot.
        await transport.forget(settings.host)
        do throws(TransportError) {
            let answer = try await transport.withConnection(
                to: settings.connection, timeout: .seconds(20)
            ) { connection throws(TransportError) in
                try await HostSession(settings: settings, connection: connection)
                    .ask([BootProbe.probe], timeout: .seconds(20))
            }
            guard let line = try? answer.report.line(of: BootProbe.name), let boot = BootID(line)
            else { return .silent("it answers without a boot id") }
            return .answered(boot)
        } catch {
            switch error.code {
            case .hostKeyMismatch, .hostKeyUnknown, .hostKeyRevoked:
                return .otherHostKey(error.message)
            case .authenticationFailed: return .refusedLogin(error.message)
            default: return .silent(error.message)
            }
        }
    }

    /// Waits until the service manager has left its start-up; whatever it reaches is judged later.
    private func settle(_ settings: HostSettings) async {
        _ = try? await ask(settings, [BootProbe.settling(limit: 180)], timeout: .seconds(210))
    }
}
