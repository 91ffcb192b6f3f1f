import EbbModel
import EbbProbe
import EbbSetup
import EbbStore

/// The erase mechanism, the blank, and the drift of the trial.
extension OnboardingRunner {
    func request(_ stage: EraseRequest.Stage, _ identity: BlankIdentity?) -> EraseRequest {
        EraseRequest(
            root: settings.root ?? RootSettings(strategy: .none), storage: storage, identity: identity, stage: stage,
            // A trial boots whatever it finds: it is there to find it.
            onFailure: stage == .trial ? .dirty : choices.onFailure)
    }

    func put(_ kit: EraseKit) async -> StepEnd {
        switch await answer(EraseScript.install(kit)) {
        case .success(let output): return .done(output.starts(with: "yes".utf8) ? "installed" : "it was so already")
        case .failure(let gap): return .failed(gap.message)
        }
    }

    /// What the last boot said of itself.
    func eraseState() async -> Result<EraseState, ProbeGap> {
        do throws(EraseRefusal) {
            let identity = BlankIdentity(guid: "-", createdAt: 0)
            let kit = try EraseKit.make(mechanism, request(.trial, identity))
            let count = kit.rootFiles.count + kit.storageFiles.count
            switch await answer(EraseScript.detect(kit)) {
            case .failure(let gap): return .failure(gap)
            case .success(let output):
                do throws(ProbeGap) { return .success(try EraseState(parsing: output, fileCount: count)) } catch {
                    return .failure(error)
                }
            }
        } catch {
            return .failure(ProbeGap(probe: EraseScript.detectName, reason: .notConfigured, message: error.message))
        }
    }

    func recordedIdentity() async throws(StoreError) -> BlankIdentity? {
        guard let blankName = settings.blankName else { return nil }
        return try await engine.recordedBlanks(of: settings.host)[blankName]
    }

    /// The settings of a host whose root is not erased yet.
    var plainly: HostSettings {
        var settings = settings
        settings.root = RootSettings(strategy: .none)
        return settings
    }

    /// What the next boot would lose that nobody accounted for.
    func trialDrift() async throws -> (atRisk: [DriftEntry], gaps: [ProbeGap]) {
        if settings.root?.strategy == .overlay { return try await driftSinceMark() }
        var settings = settings
        // Not in memory yet: compared with what memory will be filled with.
        if settings.root?.strategy == .tmpfs { settings.root?.strategy = .mkfs }
        let look = try await engine.observe(settings, kind: .drift)
        return (try look.entries(where: \.verdict.isAtRisk), look.observation.gaps)
    }

    private func driftSinceMark() async throws -> (atRisk: [DriftEntry], gaps: [ProbeGap]) {
        let look = try await engine.observe(plainly, kind: .drift)
        var gaps = look.observation.gaps.filter { $0.reason != .notConfigured }
        switch await answer(ChangedSince.probe(storage: storage)) {
        case .failure(let gap):
            gaps.append(gap)
            return ([], gaps)
        case .success(let output):
            let changed = ChangedSince.paths(output)
            let entries = try look.entries {
                $0.verdict.isAtRisk && changed[$0.change.path] != nil && $0.change.kind != .directory
            }
            // What the observation passes over because packages own it is at risk all the same.
            let seen = Set(try look.entries { _ in true }.map(\.change.path))
            let owned = changed.filter { path, kind in
                kind != .directory && !seen.contains(path) && path.isInside(BytePath("/usr"))
            }.map { path, kind in
                DriftEntry(
                    change: PathChange(path: path, change: .modified, kind: kind), verdict: .unexplained,
                    stateClass: .unknown, reason: "it changed since the blank, and lies where packages do")
            }
            return ((entries + owned).sorted { $0.change.path < $1.change.path }, gaps)
        }
    }
}
