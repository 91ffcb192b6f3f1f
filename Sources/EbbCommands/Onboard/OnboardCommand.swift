package import ArgumentParser
import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbSetup
import EbbStore

/// What `ebb onboard HOST …` does.
package enum OnboardVerb: String, Sendable, CaseIterable, ExpressibleByArgument { case plan, apply, rollback }

/// `ebb onboard HOST plan|apply|rollback`: moves a living host over to an erased root, and back.
package struct OnboardCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "onboard", abstract: "Moves a running host to a root that is erased at boot, and back.",
        discussion: """
            `plan` changes nothing: it shows what the host can be offered, what it would lose \
            today, and the steps. `apply` carries them out, and resumes from its journal after an \
            interruption: datasets, persist, adopt, install, blank, trial (one boot that \
            erases nothing), arm, prove (one boot that erases, proven with canaries). `rollback` \
            undoes what was begun, the last step first. docs/onboarding.md is the page to read \
            before the first step.

            Exit status 3 when something must be decided or mended first, 4 when the host could \
            not be asked.
            """
    ).example("ebb onboard db1 plan")

    @Argument(help: "The host.") var host: String

    @Argument(help: "plan, apply or rollback.") var verb: OnboardVerb

    @Flag(name: [.short, .long], help: "Do not ask for confirmation.") var yes = false

    @Flag(help: "Stop the services that write to a path while it is moved.") var pauseServices = false

    @Flag(help: "Arm although the trial boot found paths that would be lost.") var acceptLoss = false

    @Option(
        help: ArgumentHelp(
            "Stop after this step: datasets, persist, adopt, install, blank, trial, arm or prove.", valueName: "step"))
    var until: String?

    @Option(
        help: ArgumentHelp(
            "What a boot does that cannot erase: stop in the rescue shell, or come up dirty.", valueName: "stop|dirty"))
    var onFailure: String?

    @OptionGroup package var options: GlobalOptions

    package init() {}

    package func run() async throws {
        let format = try options.format(among: [.table, .json])
        let fleet = try await Fleet.load(options, pattern: host)
        guard fleet.selected.count == 1, let settings = fleet.selected.first else {
            throw Failure(.usage, "\(fleet.selected.count) hosts match: onboarding takes one at a time")
        }
        let engine = try await fleet.engine()
        if verb == .plan || (!yes && verb == .apply) {
            let look = try await engine.planOnboarding(settings)
            let view = OnboardView(look: look, settings: settings)
            if verb == .plan {
                try view.show(as: format, options.results)
                return try view.status.leave()
            }
            options.notes.note(view.text)
        }
        let mechanism = try await mechanism(settings, engine)
        try await confirm()
        let runner = OnboardingRunner(
            engine: engine, settings: settings, mechanism: mechanism, choices: try choices(),
            prove: { [options] settings in
                let driver = try await fleet.driver(
                    aborts: await Interrupts.trap(notes: options.notes), RolloutWatcher(notes: options.notes))
                // What it would lose was agreed to a moment ago, or is nothing.
                return try await driver.prove(settings, acceptsLoss: true)
            }, tell: OnboardProgress(notes: options.notes).tell)
        let end = try await verb == .apply ? runner.apply() : runner.rollback()
        await fleet.shutdown()
        let after = try await OnboardingJournal.load(of: settings.host, from: fleet.store())
        try OnboardEndView(host: settings.host, end: end, journal: after).show(as: format, options.results)
        if case .blocked = end { try ExitStatus.findings.leave() }
    }

    private func choices() throws -> OnboardingRunner.Choices {
        var choices = OnboardingRunner.Choices()
        choices.pausesServices = pauseServices
        choices.lossAcceptedBy = acceptLoss ? Operator.name : nil
        if let until {
            guard let step = OnboardingStep(rawValue: until) else { throw Failure(.usage, "there is no step \(until)") }
            choices.lastStep = step
        }
        if let onFailure {
            guard let failure = EraseRequest.Failure(rawValue: onFailure) else {
                throw Failure(.usage, "--on-failure is stop or dirty, not \(onFailure)")
            }
            choices.onFailure = failure
        }
        return choices
    }

    /// What a rollback undoes does not depend on what is offered now.
    private func mechanism(_ settings: HostSettings, _ engine: Engine) async throws -> EraseMechanism {
        let offered: EraseMechanism?
        do throws(ProbeGap) { offered = try await engine.eraseMechanism(for: settings) } catch {
            throw Failure(.incomplete, "\(settings.host) could not be asked: \(error.message)")
        }
        guard let mechanism = offered ?? (verb == .rollback ? declaredMechanism(settings) : nil) else {
            throw Failure(
                .findings, "nothing that is offered erases a root of the declared strategy",
                hint: "ebb onboard \(settings.host) plan says what stands in the way")
        }
        return mechanism
    }

    private func declaredMechanism(_ settings: HostSettings) -> EraseMechanism? {
        switch settings.root?.strategy {
        case .zfs: .initramfsZFS
        case .btrfs: .initramfsBtrfs
        case .overlay: .overlayroot
        case .mkfs: .initramfsMkfs
        case .tmpfs: .initramfsTmpfs
        case nil, .some(.none): nil
        }
    }

    private func confirm() async throws {
        if yes { return }
        let what = verb == .apply ? "carry this out on" : "undo this on"
        try await Question(
            text: "\(what) \(host)?", nobody: "\(host) would be changed, and there is no terminal to ask on",
            hint: "confirm with --yes", refused: "nothing was changed"
        ).ask(AbortSwitch())
    }
}
