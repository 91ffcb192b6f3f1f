import EbbModel
import EbbProbe
import EbbSetup
import EbbStore

/// The steps back.
extension OnboardingRunner {
    func undo(_ step: OnboardingStep, _ journal: OnboardingJournal) async throws -> StepEnd {
        switch step {
        case .datasets, .blank, .trial, .prove: return .done(step.undoing)
        case .persist:
            switch await answer(PersistSetup.undo(settings)) {
            case .success: return .done(step.undoing)
            case .failure(let gap): return .failed(gap.message)
            }
        case .adopt: return await bringBack()
        case .install: return await takeAway()
        case .arm: return try await disarm(mark: journal.mark("bare"))
        }
    }

    private func bringBack() async -> StepEnd {
        let movable = settings.persistence.filter { $0.mechanism == .bind || $0.mechanism == .symlink }
        for entry in movable.reversed() {
            let end = await engine.adopt(.rollback, entry, settings, pausesServices: choices.pausesServices)
            guard end.outcome == .ok || end.outcome == .changed else { return .failed("\(entry.path): \(end.message)") }
            tell(.note("\(entry.path): \(end.message)"))
        }
        return .done("\(movable.count) paths are on the root")
    }

    private func takeAway() async -> StepEnd {
        let kit: EraseKit
        do throws(EraseRefusal) {
            // What is removed does not depend on which blank was meant.
            let identity = BlankIdentity(guid: "-", createdAt: 0)
            kit = try EraseKit.make(mechanism, request(.trial, identity))
        } catch { return .failed(error.message) }
        switch await answer(EraseScript.remove(kit)) {
        case .success: return .done("its files are gone")
        case .failure(let gap): return .failed(gap.message)
        }
    }

    private func disarm(mark: String) async throws -> StepEnd {
        if mechanism == .overlayroot || mechanism == .systemdVolatile { return await leaveOverlay(mark) }
        guard let identity = try await recordedIdentity() else { return await takeAway() }
        do throws(EraseRefusal) {
            let end = await put(try EraseKit.make(mechanism, request(.trial, identity)))
            if case .done = end, settings.root?.strategy == .tmpfs { return await leaveMemory(mark) }
            return end
        } catch { return .failed(error.message) }
    }

    /// What is undone next must be undone on the root that stays, not in memory.
    private func leaveMemory(_ mark: String) async -> StepEnd {
        for isSecond in [false, true] {
            switch await eraseState() {
            case .failure(let gap): return .failed(gap.message)
            case .success(let state) where !isErased(state.boot):
                return .done("the root is not in memory, and the next boot leaves it so")
            case .success where isSecond: return .failed("the root is still in memory after the boot")
            case .success: break
            }
            if case .failed(let message) = await engine.reboot(settings, mark: mark) {
                return .failed("\(message). \(wayOut)")
            }
        }
        return .failed("the root is still in memory after the boot")
    }

    /// The settings lie in the lower tree, where only a boot without the overlay shows them.
    private func leaveOverlay(_ mark: String) async -> StepEnd {
        switch await answer(EraseScript.disarm(mechanism)) {
        case .failure(let gap): return .failed(gap.message)
        case .success(let output):
            if output.starts(with: "bare".utf8) { return .done("the root is no overlay, and the next boot makes none") }
        }
        switch await engine.reboot(settings, mark: mark) {
        case .failed(let message): return .failed("\(message). \(wayOut)")
        case .booted: break
        }
        switch await answer(EraseScript.disarm(mechanism)) {
        case .failure(let gap): return .failed(gap.message)
        case .success(let output):
            guard output.starts(with: "bare".utf8) else {
                return .failed("the root is still an overlay after the boot")
            }
            return .done("the root is no overlay any more")
        }
    }
}
