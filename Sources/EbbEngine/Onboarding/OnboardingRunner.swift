package import EbbModel
import EbbProbe
package import EbbSetup
import EbbStore
import EbbTransport
import FoundationEssentials

/// Moves one host over, or back, step by step, from wherever its journal stops.
///
/// Every event is durable before its effect begins, every step can be carried out twice, and each
/// looks at the host itself instead of trusting what an earlier run meant to do.
package struct OnboardingRunner: Sendable {
    /// What a person decided for this run.
    package struct Choices: Sendable {
        /// Services that write to a path are stopped while it moves.
        package var pausesServices = false
        /// Who agreed to lose what the trial boot found; `nil`: nobody.
        package var lossAcceptedBy: String?
        /// What a boot does when it cannot erase.
        package var onFailure = EraseRequest.Failure.stop
        /// The last step of this run; `nil`: all of them.
        package var lastStep: OnboardingStep?

        package init() {}
    }

    /// How a run ended.
    package enum End: Sendable, Hashable {
        /// The host is onboarded; whether this run did something for it.
        case complete(changed: Bool)
        /// Everything wanted for now is done, and more is left.
        case paused(after: OnboardingStep)
        /// Everything is undone; whether this run did something for it.
        case rolledBack(changed: Bool)
        /// A person must decide or mend something.
        case blocked(String)
    }

    /// What happens, for whoever watches.
    package enum Report: Sendable {
        case begins(OnboardingStep, undoing: Bool)
        case ended(OnboardingStep, undoing: Bool, String)
        case failed(OnboardingStep, undoing: Bool, String)
        case note(String)
    }

    /// How a step ended.
    enum StepEnd: Sendable {
        case done(String)
        case failed(String)
    }

    let engine: Engine
    /// Presets expanded.
    let settings: HostSettings
    let mechanism: EraseMechanism
    let choices: Choices
    /// Reboots the host with canaries and judges the boot: `nil` when it is proven, else why not.
    let prove: @Sendable (HostSettings) async throws -> String?
    let tell: @Sendable (Report) -> Void

    package init(
        engine: Engine, settings: HostSettings, mechanism: EraseMechanism, choices: Choices = Choices(),
        prove: @escaping @Sendable (HostSettings) async throws -> String?,
        tell: @escaping @Sendable (Report) -> Void = { _ in }
    ) {
        self.engine = engine
        self.settings = engine.expanded(settings)
        (self.mechanism, self.choices, self.prove, self.tell) = (mechanism, choices, prove, tell)
    }

    /// Goes on until the host is onboarded, or something stands in the way.
    package func apply() async throws -> End {
        var journal = try await OnboardingJournal.load(of: settings.host, from: engine.store)
        if journal.machine.isRollingBack {
            guard journal.machine.next == .rolledBack else {
                return .blocked("its rollback is not finished: `ebb onboard \(settings.host) rollback` finishes it")
            }
            journal.beginAnew()
        }
        var changed = false
        if journal.machine.needsAnotherLook { try await lookAgain(&journal) }
        var action = journal.machine.nextAfterMending
        while true {
            if case .perform(let step) = action, let last = choices.lastStep, isPast(step, last) {
                return .paused(after: last)
            }
            switch action {
            case .complete: return .complete(changed: changed)
            case .rolledBack: return .rolledBack(changed: changed)
            case .blocked(let reason): return .blocked(reason)
            case .undo:
                return .blocked("its rollback is not finished: `ebb onboard \(settings.host) rollback` finishes it")
            case .perform(let step), .resume(let step):
                changed = true
                var isResumed = false
                if case .resume = action { isResumed = true }
                if let failure = try await carryOut(step, isResumed: isResumed, &journal) {
                    return .blocked("\(step.rawValue): \(failure)")
                }
            }
            action = journal.machine.next
        }
    }

    /// Undoes every step that was begun, the last one first.
    package func rollback() async throws -> End {
        var journal = try await OnboardingJournal.load(of: settings.host, from: engine.store)
        if journal.machine.events.isEmpty { return .rolledBack(changed: false) }
        var changed = false
        if !journal.machine.isRollingBack {
            try await journal.append(.rollback, at: engine.clock.date())
            changed = true
        }
        while case .undo(let step) = journal.machine.next {
            changed = true
            tell(.begins(step, undoing: true))
            try await journal.append(.undoIntent(step), at: engine.clock.date())
            switch try await undo(step, journal) {
            case .failed(let message):
                tell(.failed(step, undoing: true, message))
                return .blocked("undoing \(step.rawValue): \(message)")
            case .done(let message):
                try await journal.append(.undone(step), at: engine.clock.date())
                tell(.ended(step, undoing: true, message))
            }
        }
        return .rolledBack(changed: changed)
    }

    private func isPast(_ step: OnboardingStep, _ last: OnboardingStep) -> Bool {
        let order = OnboardingStep.allCases
        return (order.firstIndex(of: step) ?? 0) > (order.firstIndex(of: last) ?? 0)
    }

    /// Why the step failed; `nil` when it is done.
    private func carryOut(_ step: OnboardingStep, isResumed: Bool, _ journal: inout OnboardingJournal) async throws
        -> String?
    {
        tell(.begins(step, undoing: false))
        if !isResumed { try await journal.append(.intent(step), at: engine.clock.date()) }
        switch try await perform(step, isResumed: isResumed, &journal) {
        case .failed(let message):
            try await journal.append(.failed(step, message), at: engine.clock.date())
            tell(.failed(step, undoing: false, message))
            return message
        case .done(let message):
            if step == .trial { try await recordTrial(&journal) }
            try await journal.append(.done(step), at: engine.clock.date())
            tell(.ended(step, undoing: false, message))
            return nil
        }
    }

    private func perform(_ step: OnboardingStep, isResumed: Bool, _ journal: inout OnboardingJournal) async throws
        -> StepEnd
    {
        switch step {
        case .datasets: try await datasets()
        case .persist: await persist()
        case .adopt: try await adopt()
        case .install: await install()
        case .blank: try await blank()
        case .trial: try await trial(isResumed: isResumed, journal)
        case .arm: try await arm()
        case .prove: try await proveBoot(isResumed: isResumed, &journal)
        }
    }

    /// What the trial found, and a person's word on it.
    private func recordTrial(_ journal: inout OnboardingJournal) async throws {
        let found = try await trialDrift()
        try await journal.append(
            .trialFound(atRisk: found.atRisk.count, isComplete: found.gaps.isEmpty), at: engine.clock.date())
        for gap in found.gaps { tell(.note("\(gap.probe): \(gap.message)")) }
        show(found.atRisk)
        if let name = choices.lossAcceptedBy, !found.atRisk.isEmpty {
            try await journal.append(
                .lossAccepted(by: name, losses: Self.digest(of: found.atRisk)), at: engine.clock.date())
        }
    }

    private func show(_ losses: [DriftEntry]) {
        for entry in losses.prefix(20) { tell(.note("would be lost: \(entry.change.path.printable)")) }
        if losses.count > 20 { tell(.note("… and \(losses.count - 20) more")) }
    }

    /// Names exactly these losses.
    static func digest(of losses: [DriftEntry]) -> String {
        let lines = losses.map { "\($0.change.kind.rawValue) \($0.change.path.printable)" }.sorted()
        return Digest.sha256(lines.joined(separator: "\n"))
    }

    /// Why the boot that erases must not be made; `nil` when what it would lose now is what a person
    /// agreed to lose, or nothing.
    ///
    /// Days may have passed since the trial: consent holds for what was shown, and for nothing else.
    func objectionToLosses(_ journal: inout OnboardingJournal) async throws -> String? {
        let look = try await engine.observe(settings, kind: .drift)
        if let error = look.transportError { return error.message }
        let losses = try look.entries(where: \.verdict.isAtRisk)
        let gaps = look.observation.gaps.filter { $0.isAboutDrift && $0.reason != .notConfigured }
        if losses.isEmpty, gaps.isEmpty { return nil }
        let digest = Self.digest(of: losses)
        for event in journal.machine.events.reversed() {
            guard case .lossAccepted(_, let agreed) = event else { continue }
            if agreed == digest, gaps.isEmpty { return nil }
            break
        }
        for gap in gaps { tell(.note("\(gap.probe): \(gap.message)")) }
        show(losses)
        if let name = choices.lossAcceptedBy {
            try await journal.append(.lossAccepted(by: name, losses: digest), at: engine.clock.date())
            return nil
        }
        let what =
            gaps.isEmpty
            ? "\(Counted.text(losses.count, "path")) would be lost, and no one has accepted that"
            : "what would be lost is not fully known"
        return "\(what): declare them, or agree to it with " + "`ebb onboard \(settings.host) apply --accept-loss`"
    }

    /// Paths were declared or accepted since: moves them, and looks what is left.
    private func lookAgain(_ journal: inout OnboardingJournal) async throws {
        if case .failed(let message) = try await adopt() { tell(.note(message)) }
        try await recordTrial(&journal)
    }

    /// Asks one probe that must answer without complaint.
    func answer(_ probe: ProbeScript.Probe, timeout: Duration? = nil) async -> Result<[UInt8], ProbeGap> {
        do throws(TransportError) {
            let limit = timeout ?? .seconds(probe.limit + 30)
            let report = try await engine.ask(settings, [probe], timeout: limit).report
            do throws(ProbeGap) { return .success(try report.output(of: probe.name)) } catch { return .failure(error) }
        } catch { return .failure(ProbeGap(error)) }
    }
}
