import ArgumentParser
import EbbEngine
import EbbInventory
import EbbLocal
import EbbModel
import EbbPlan
import EbbReport
import EbbSetup
import EbbStore
import FoundationEssentials

extension Playbook.OnboardPhase: ExpressibleByArgument {}

extension OnboardingStep: ExpressibleByArgument {}

extension EraseRequest.Failure: ExpressibleByArgument {}

/// `ebb onboard HOST plan|apply|rollback`: moves a living host over to an erased root, and back.
struct OnboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "onboard", abstract: "Moves a running host to a root that is erased at boot, and back.",
        discussion: """
            `plan` changes nothing: it shows what the host can be offered, what it would lose \
            today, and the steps. `apply` carries them out, and resumes from its journal after an \
            interruption: datasets, persist, adopt, install, blank, trial (one boot that \
            erases nothing), arm, prove (one boot that erases, proven with canaries). `rollback` \
            undoes what was begun, the last step first. docs/onboarding.md is the page to read \
            before the first step.

            Exit status 3 when something must be decided or fixed first, 4 when the host could \
            not be asked.
            """
    ).example("ebb onboard db1 plan")

    @Argument(help: "The host.") var host: String

    @Argument(help: "plan, apply or rollback.") var verb: Playbook.OnboardPhase

    @Flag(name: [.short, .long], help: "Do not ask for confirmation.") var yes = false

    @Flag(help: "Stop the services that write to a path while it is moved.") var pauseServices = false

    @Flag(help: "Arm although the trial boot found paths that would be lost.") var acceptLoss = false

    @Option(
        help: .init(
            "Stop after this step: datasets, persist, adopt, install, blank, trial, arm or prove.", valueName: "step"))
    var until: OnboardingStep?

    @Option(
        help: .init(
            "What a boot does that cannot erase: stop in the rescue shell, or come up dirty.", valueName: "stop|dirty"))
    var onFailure: EraseRequest.Failure?

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let (fleet, settings) = try await Fleet.one(options, host)
        let engine = try await fleet.engine()
        if verb == .plan || (!yes && verb == .apply) {
            let look = try await engine.planOnboarding(settings)
            let view = OnboardView(look: look, settings: settings)
            if verb == .plan {
                try options.results.write(as: format, json: view.json) { _, _ in view.text }
                return try view.status.leave()
            }
            options.notes.note(view.text)
        }
        let mechanism = try await mechanism(settings, engine)
        try await confirm()
        let runner = OnboardingRunner(
            engine: engine, settings: settings, mechanism: mechanism, choices: choices,
            prove: { [options] settings in
                let driver = try await fleet.driver(
                    aborts: await Interrupts.trap(notes: options.notes), RolloutWatcher(notes: options.notes))
                // What it would lose was agreed to a moment ago, or is nothing.
                return try await driver.prove(settings, acceptsLoss: true)
            }, tell: options.notes.tell)
        let end = try await verb == .apply ? runner.apply() : runner.rollback()
        await fleet.shutdown()
        let after = try await OnboardingJournal.load(of: settings.host, from: fleet.store())
        let view = OnboardEndView(host: settings.host, end: end, journal: after)
        try options.results.write(as: format, json: view.json) { _, _ in view.text }
        if case .blocked = end { try ExitStatus.findings.leave() }
    }

    private var choices: OnboardingRunner.Choices {
        var choices = OnboardingRunner.Choices()
        choices.pausesServices = pauseServices
        choices.lossAcceptedBy = acceptLoss ? Operator.name : nil
        if let until { choices.lastStep = until }
        if let onFailure { choices.onFailure = onFailure }
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
                .findings,
                "\(settings.host) offers no way to erase a root of strategy "
                    + (settings.root?.strategy.rawValue ?? "none"), hint: "`ebb onboard \(settings.host) plan` says why"
            )
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

extension Notes {
    /// Tells a step of onboarding.
    fileprivate func tell(_ report: OnboardingRunner.Report) {
        switch report {
        case .begins(let step, let undoing): note(undoing ? "undo \(step.rawValue) …" : "\(step.rawValue) …")
        case .ended(let step, let undoing, let words): note("\(undoing ? "undone: " : "")\(step.rawValue): \(words)")
        case .failed(let step, let undoing, let words):
            problem("\(undoing ? "not undone: " : "")\(step.rawValue): \(words)")
        case .note(let words): note("  \(words)")
        }
    }
}

/// The plan of a host's move, as text or as a document.
struct OnboardView {
    let look: OnboardingLook
    let settings: HostSettings

    var status: ExitStatus {
        guard let plan = look.plan, look.gaps.isEmpty else { return .incomplete }
        let isBlocked =
            plan.mechanism == nil || plan.datasets?.hasRefusals == true
            || plan.datasets?.findings.contains(where: \.blocksErasing) == true
        return isBlocked ? .findings : .success
    }

    var text: String {
        var text = look.plan?.text ?? "\(settings.host.text)\n"
        for gap in look.gaps { text += "unknown: \(gap.probe): \(PrintableText.line(gap.message))\n" }
        return text + "journal: \(Self.words(look.journal.machine))\n"
    }

    var json: JSON {
        let plan = look.plan
        return [
            "schema": "ebb.onboard.plan/1", "host": .string(settings.host.text),
            "complete": .bool(plan != nil && look.gaps.isEmpty), "mechanism": .optional(plan?.mechanism?.rawValue),
            "offers": .array(
                plan?.offers.map { ["mechanism": .string($0.mechanism.rawValue), "obstacle": .optional($0.obstacle)] }
                    ?? []),
            "atRisk": .array(
                plan?.atRisk.map {
                    [
                        "path": .string($0.change.path.printable), "class": .string($0.stateClass.rawValue),
                        "verdict": .string($0.verdict.rawValue), "suggestion": .optional($0.suggestion),
                    ]
                } ?? []),
            "persistence": .array(
                plan?.persistence.map { ["path": .string($0.path), "mechanism": .string($0.mechanism.rawValue)] } ?? []),
            "datasets": .array(plan?.datasets?.items.map(\.json) ?? []),
            "findings": .array(plan?.datasets?.findings.map(\.json) ?? []),
            "steps": .array(
                OnboardingStep.allCases.map {
                    [
                        "step": .string($0.rawValue), "done": .bool(look.journal.machine.done.contains($0)),
                        "undoing": .string($0.undoing),
                    ]
                }), "gaps": .array(look.gaps.map(\.json)),
        ]
    }

    /// How far a move came, in one line.
    static func words(_ machine: Onboarding) -> String {
        if machine.events.isEmpty { return "nothing was begun" }
        let done = machine.done.map(\.rawValue).joined(separator: ", ")
        let steps = done.isEmpty ? "no step is done" : "done: \(done)"
        return switch machine.next {
        case .complete: "\(steps); the host is onboarded"
        case .rolledBack: "everything is undone"
        case .blocked(let reason): "\(steps); blocked: \(PrintableText.line(reason))"
        case .perform(let step): "\(steps); next: \(step.rawValue)"
        case .resume(let step): "\(steps); interrupted at: \(step.rawValue)"
        case .undo(let step): "\(steps); rolling back, next: \(step.rawValue)"
        }
    }
}

/// How a run of `apply` or `rollback` ended.
struct OnboardEndView {
    let host: HostName
    let end: OnboardingRunner.End
    let journal: OnboardingJournal

    var json: JSON {
        [
            "schema": "ebb.onboard/1", "host": .string(host.text), "end": .string(words.end),
            "changed": .bool(words.changed), "message": .optional(words.message),
            "done": .strings(journal.machine.done.map(\.rawValue)),
        ]
    }

    var text: String {
        let line = [words.end, words.message].compactMap { $0 }.joined(separator: ": ")
        return "\(host.text): \(PrintableText.line(line))\njournal: \(OnboardView.words(journal.machine))\n"
    }

    private var words: (end: String, changed: Bool, message: String?) {
        switch end {
        case .complete(true): ("onboarded", true, nil)
        case .complete(false): ("onboarded", false, "it was so already; nothing was changed")
        case .paused(let step): ("paused", true, "after \(step.rawValue), as asked")
        case .rolledBack(true): ("rolled-back", true, nil)
        case .rolledBack(false): ("rolled-back", false, "there was nothing to undo")
        case .blocked(let reason): ("blocked", true, reason)
        }
    }
}

/// `ebb nixos`: a NixOS host's configuration stays the one source; this goes between the two.
struct NixOSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nixos", abstract: "Writes a NixOS module, or reads what one declares.",
        subcommands: [NixOSModuleCommand.self, NixOSImportCommand.self]
    ).example("ebb nixos module nix1")
}

/// `ebb nixos module`: the module that erases a host's root and keeps what is declared.
struct NixOSModuleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "module", abstract: "Writes the module for a host to standard output; applies nothing.",
        discussion: """
            The rollback is a unit of the systemd initrd that the root's mount requires: it fails \
            closed. Where nix-instantiate is installed, the text is parsed with it first.
            """
    ).example("ebb nixos module nix1 --output ebb.nix")

    @Argument(help: "The host.") var host: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let (fleet, selected) = try await Fleet.one(options, host)
        let settings = try await fleet.engine().expanded(selected)
        let module: NixOSModule
        do throws(EraseRefusal) { module = try NixOSModule(settings) } catch { throw Failure(.findings, error.message) }
        try await check(module.text)
        try options.results.write(module.text)
    }

    /// A text that Nix cannot read is a defect of Ebb, and never handed out.
    private func check(_ text: String) async throws {
        let nix = Program("nix-instantiate", ["--parse", "-"], input: Array(text.utf8), limit: .seconds(60))
        do throws(ProgramFailure) {
            let parsed = try await nix.run()
            guard !parsed.isSuccess else { return }
            throw ProgramFailure(.notRun, "the module is not Nix: \(parsed.lastLine)")
        } catch {
            guard error.code == .notFound else { throw Failure(.toolFailure, error.message) }
            options.notes.note("nix-instantiate is not installed here, so the syntax was not checked")
        }
    }
}

/// `ebb nixos import`: what a configuration declares, as settings for the inventory.
struct NixOSImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Converts evaluated declarations (JSON) to an inventory's settings.",
        discussion: """
            The file holds what `nix eval --json` prints of `config.environment.persistence` or of \
            `config.preservation`, such as: nix eval --json \
            .#nixosConfigurations.HOST.config.environment.persistence >declared.json
            """
    ).example("ebb nixos import declared.json")

    @Argument(help: "The file.") var file: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let data: [UInt8]
        do throws(SystemError) { data = try InputFile.bytes(of: file) } catch {
            throw Failure(.usage, "\(file) cannot be read", cause: error)
        }
        let declaration: NixDeclaration
        do throws(EraseRefusal) { declaration = try NixDeclaration(parsing: data) } catch {
            throw Failure(.usage, "\(file): \(error.message)")
        }
        for note in declaration.notes { options.notes.warning(note) }
        try options.results.write(declaration.yaml)
    }
}
