import EbbModel
import EbbProbe
import EbbSetup
import EbbStore
import FoundationEssentials

/// The steps forward.
extension OnboardingRunner {
    var storage: String { settings.persist.first?.mount ?? "" }

    func datasets() async throws -> StepEnd {
        guard !settings.datasets.isEmpty else { return .done("none are declared") }
        let look = try await engine.applyDatasets(settings, takingBlanks: false)
        if let gap = look.gap { return .failed(gap.message) }
        guard let plan = look.plan else { return .failed("the host's datasets are not known") }
        for item in plan.items {
            if case .refused(let reason) = item.decision { return .failed("\(item.name): \(reason)") }
        }
        if let obstacle = look.obstacle { return .failed(obstacle) }
        return .done("\(look.done) commands")
    }

    func persist() async -> StepEnd {
        if let obstacle = PersistSetup.obstacle(settings) { return .failed(obstacle) }
        switch await answer(PersistSetup.probe(settings)) {
        case .success(let output):
            let changed = output.starts(with: "yes".utf8)
            return .done(changed ? "mounted and installed" : "it was so already")
        case .failure(let gap): return .failed(gap.message)
        }
    }

    func adopt() async throws -> StepEnd {
        let movable = settings.persistence.filter { $0.mechanism == .bind || $0.mechanism == .symlink }
        var moved = 0
        for entry in movable {
            let end = await engine.adopt(.adopt, entry, settings, pausesServices: choices.pausesServices)
            switch end.outcome {
            case .ok: break
            case .changed:
                moved += 1
                tell(.note("\(entry.path): \(end.message)"))
            case .failed, .skipped, .unreachable, .indeterminate: return .failed("\(entry.path): \(end.message)")
            }
        }
        let declared: [DeclaredFinding]
        do throws(ProbeGap) { declared = try await engine.glance(settings).declared } catch {
            return .failed(error.message)
        }
        for finding in declared where finding.verdict != .inEffect {
            return .failed("\(finding.entry.path): \(finding.reason)")
        }
        return .done("\(declared.count) paths in effect, \(moved) of them moved now")
    }

    func install() async -> StepEnd {
        do throws(EraseRefusal) { return await put(try EraseKit.beforeBlank(mechanism, request(.trial, nil))) } catch {
            return .failed(error.message)
        }
    }

    func blank() async throws -> StepEnd {
        guard mechanism.goesBackToBlank else {
            switch await answer(ChangedSince.mark(storage: storage)) {
            case .success: return .done("the root as it is will be the blank")
            case .failure(let gap): return .failed(gap.message)
            }
        }
        guard let blankSettings = settings.blankOnly, let name = settings.blankName else {
            return .failed("ebb.root must name the root and its blank")
        }
        let look = try await engine.applyDatasets(blankSettings)
        if let gap = look.gap { return .failed(gap.message) }
        if let obstacle = look.obstacle { return .failed(obstacle) }
        for item in look.plan?.items ?? [] where item.name == name {
            if case .refused(let reason) = item.decision { return .failed("\(name): \(reason)") }
        }
        guard let identity = look.blanks[name] else { return .failed("\(name) is not there after it was taken") }
        let kit: EraseKit
        do throws(EraseRefusal) { kit = try EraseKit.make(mechanism, request(.trial, identity)) } catch {
            return .failed(error.message)
        }
        if let lacking = await lacking(kit) { return .failed(lacking) }
        if case .failed(let message) = await put(kit) { return .failed(message) }
        return .done("\(name), guid \(identity.guid)")
    }

    /// Why a host would not come back as it is from its blank; `nil` when it would.
    private func lacking(_ kit: EraseKit) async -> String? {
        let files = PersistSetup.files(settings) + kit.rootFiles
        guard let root = settings.root, let probe = BlankCheck.probe(root, files: files) else { return nil }
        switch await answer(probe) {
        case .failure(let gap): return gap.message
        case .success(let output):
            guard let first = output.split(separator: UInt8(ascii: "\n")).first else { return nil }
            let path = PrintableText.line(String(decoding: first, as: UTF8.self))
            return "the blank was taken before \(path) was there: rename it away, take it off the "
                + "record (ebb datasets apply --forget-blank), and try again"
        }
    }

    func trial(isResumed: Bool, _ journal: OnboardingJournal) async throws -> StepEnd {
        // A host that went through its trial while nobody was told need not do it again.
        if isResumed, case .success(let state) = await eraseState(), isTrial(state.boot) {
            return .done("the boot was made")
        }
        switch await engine.reboot(settings, mark: journal.mark("trial")) {
        case .failed(let message): return .failed("\(message). \(wayOut)")
        case .booted: break
        }
        switch await eraseState() {
        case .failure(let gap): return .failed(gap.message)
        case .success(let state):
            switch state.boot {
            case .trial(let words): return .done(words)
            case .erased(let words): return .failed("the trial boot erased the root, though it must not: \(words)")
            case .skipped(let words), .failed(let words): return .failed(words)
            case .silent: return .failed("the boot did not run Ebb's script: is the initramfs used?")
            }
        }
    }

    private func isTrial(_ boot: EraseState.Boot) -> Bool {
        if case .trial = boot { return true }
        return false
    }

    func arm() async throws -> StepEnd {
        if mechanism.goesBackToBlank {
            guard let blankSettings = settings.blankOnly else { return .failed("ebb.root must name its blank") }
            let look = try await engine.planDatasets(blankSettings)
            if let obstacle = look.obstacle { return .failed(obstacle) }
        }
        let identity = try await recordedIdentity()
        do throws(EraseRefusal) { return await put(try EraseKit.make(mechanism, request(.armed, identity))) } catch {
            return .failed(error.message)
        }
    }

    func proveBoot(isResumed: Bool, _ journal: inout OnboardingJournal) async throws -> StepEnd {
        let armed = journal.date(of: .done(.arm)) ?? .distantFuture
        if isResumed, let boot = try await engine.store.boots(of: settings.host, limit: 1).first,
            boot.verdict?.isProven == true, (boot.judgedAt ?? .distantPast) > armed
        {
            return await finish("the boot was proven")
        }
        if isRootInMemory, case .success(let state) = await eraseState(), !isErased(state.boot) {
            // From the bare root into memory: there was nothing to erase yet.
            switch await engine.reboot(settings, mark: journal.mark("overlay")) {
            case .failed(let message): return .failed("\(message). \(wayOut)")
            case .booted: tell(.note("the root is in memory now; the next boot is the proof"))
            }
        }
        if let objection = try await objectionToLosses(&journal) { return .failed(objection) }
        if let reason = try await prove(settings) { return .failed("\(reason). \(wayOut)") }
        return await finish("erased and kept")
    }

    /// Whether the root that a boot makes lies in memory, above the one of now.
    private var isRootInMemory: Bool { settings.root?.strategy == .overlay || settings.root?.strategy == .tmpfs }

    func isErased(_ boot: EraseState.Boot) -> Bool {
        if case .erased = boot { return true }
        return false
    }

    /// Closes the moves: the copies are proven.
    private func finish(_ words: String) async -> StepEnd {
        for entry in settings.persistence where entry.mechanism == .bind || entry.mechanism == .symlink {
            let end = await engine.adopt(.finish, entry, settings)
            if end.outcome != .ok, end.outcome != .changed {
                tell(.note("\(entry.path): the move is not closed: \(end.message)"))
            }
        }
        return .done(words)
    }

    var wayOut: String {
        switch mechanism {
        case .initramfsZFS, .initramfsBtrfs, .initramfsMkfs, .initramfsTmpfs:
            "If it does not come up: add ebb.erase=no to the kernel command line"
        case .overlayroot: "If it does not come up: add overlayroot=disabled to the command line"
        case .systemdVolatile: "If it does not come up: add systemd.volatile=no to the kernel command line"
        case .dracutZFS, .nixos: "See docs/onboarding.md for the way out"
        }
    }
}
