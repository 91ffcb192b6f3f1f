import EbbModel
import EbbPlan
import EbbProbe
import EbbTransport

/// What comes after the proof: is the host well, and does it stay so?
extension AttemptRunner {
    /// How long services may need to come up before a check that fails is held against the host.
    private var warmUp: Duration { .seconds(min(settings.reboot.hookTimeout, 60)) }

    /// Waits for every check to pass, then for the soak, all the time of which they must go on passing.
    ///
    /// The boot id is looked at in every round and at the end: a host that boots again meanwhile
    /// may well pass all checks each time it is asked.
    func soak(_ booted: BootID) async -> AttemptEnd? {
        let begin = engine.clock.now()
        var failed = await failedCheck()
        while let end = failed {
            guard engine.clock.now() - begin < warmUp else { return end }
            if let end = await changeOfBoot(booted) { return end }
            do { try await engine.clock.sleep(.seconds(2)) } catch { return end }
            failed = await failedCheck()
        }
        let start = engine.clock.now()
        let length = Duration.seconds(settings.reboot.soak)
        while true {
            let left = length - (engine.clock.now() - start)
            guard left > .zero else { break }
            do { try await engine.clock.sleep(min(left, .seconds(5))) } catch { break }
            if let end = await changeOfBoot(booted) { return end }
            if let end = await failedCheck() { return end }
        }
        return await changeOfBoot(booted)
    }

    /// Why the boot is not proven at the end of the soak, though it was at its beginning: the state at the
    /// verdict's moment counts.
    func unsettled(_ before: HostFacts) async -> AttemptEnd? {
        let report: ProbeReport
        do throws(TransportError) {
            report = try await engine.ask(settings, ServiceState.probes, timeout: .seconds(60)).report
        } catch { return AttemptEnd(.evidenceIncomplete, "it fell silent at the end of the soak: \(error.message)") }
        let services = ServiceState(report)
        guard let state = services.state, let failed = services.failed else {
            return AttemptEnd(.evidenceIncomplete, "how its services are at the end of the soak could not be read")
        }
        let known = Set(before.failedUnits ?? [])
        if let unit = failed.first(where: { !known.contains($0) }) {
            return AttemptEnd(.degraded, "\(unit) failed within the soak")
        }
        guard state == "starting" || state == "initializing" else { return nil }
        return AttemptEnd(
            .notSettled, "it is still \(state): \(services.job ?? "a unit") has not started; a longer soak waits for it"
        )
    }

    /// The first check that fails now.
    private func failedCheck() async -> AttemptEnd? {
        if let end = await commands(settings.reboot.health, named: "health", else: .healthFailed) { return end }
        for check in settings.reboot.gates {
            if let words = await engine.checkOutside(check, settings.connection, .seconds(10)) {
                return AttemptEnd(.healthFailed, words)
            }
        }
        return nil
    }

    /// An end when the host runs another boot than the one that was proven.
    ///
    /// A host that falls silent is waited for: what it runs when it answers again tells whether it
    /// was only busy, or booted once more.
    private func changeOfBoot(_ booted: BootID) async -> AttemptEnd? {
        switch await regained(booted) {
        case .same: nil
        case .other(let boot): AttemptEnd(.bootLoop, "it booted again while it was watched (\(boot))")
        case .lost(let words): AttemptEnd(.evidenceIncomplete, "it fell silent after the boot: \(words)")
        }
    }

    /// Which boot a host runs that was seen in one already.
    enum Regained: Sendable {
        case same
        case other(BootID)
        case lost(String)
    }

    /// Asks until the host answers, at most as long as a boot may take.
    func regained(_ booted: BootID) async -> Regained {
        let begin = engine.clock.now()
        while true {
            let words: String
            switch await engine.probeBoot(settings) {
            case .answered(booted), .restarted(booted): return .same
            case .answered(let now), .restarted(let now): return .other(now)
            case .silent(let message), .mute(let message), .otherHostKey(let message), .refusedLogin(let message),
                .otherMachine(let message):
                words = message
            }
            guard engine.clock.now() - begin < .seconds(settings.reboot.timeout) else { return .lost(words) }
            do { try await engine.clock.sleep(.seconds(1)) } catch { return .lost(words) }
        }
    }
}
