import EbbClassifier
package import EbbModel
import EbbReport
import EbbStore

/// What an acceptance means for what is stored of hosts.
extension DriftSurvey {
    /// How many hosts are told of one by one, and how many secrets are named.
    private static let hostLimit = 20
    private static let secretLimit = 3

    /// Whether a path of just this name is stored of one of the hosts.
    package func isStored(_ path: BytePath, of hosts: [HostSettings]) async throws -> Bool {
        for settings in hosts {
            let seen = try await store.driftHistory(of: settings.host, path: path, limit: 100)
            if seen.contains(where: { $0.lastSeen == nil }) { return true }
        }
        return false
    }

    /// The hosts of whose stored drift something would be covered that is at risk.
    package func hosts(_ hosts: [HostSettings], atRiskBelow acceptance: Acceptance) async throws -> [HostSettings] {
        let losses = AcceptedLosses([acceptance])
        var found: [HostSettings] = []
        for settings in hosts {
            var page = try await open(settings.host, [.leaked, .unexplained], after: nil)
            while !page.isEmpty {
                if page.contains(where: {
                    losses.covering($0.entry.change.path, isSecret: false, where: { _ in true }) != nil
                }) {
                    found.append(settings)
                    break
                }
                page = try await open(settings.host, [.leaked, .unexplained], after: page.last)
            }
        }
        return found
    }

    /// A line for each host on what an acceptance covers, by what was observed last.
    package func coverage(of acceptance: Acceptance, on hosts: [HostSettings]) async throws -> [String] {
        var lines: [String] = []
        for settings in hosts.prefix(Self.hostLimit) {
            lines.append("\(settings.host.text): " + (try await coverage(of: acceptance, settings)))
        }
        if hosts.count > Self.hostLimit { lines.append("and \(hosts.count - Self.hostLimit) more hosts") }
        return lines
    }

    private func coverage(of acceptance: Acceptance, _ settings: HostSettings) async throws -> String {
        let host = settings.host
        guard let seen = try await store.latestSighting(of: host) else { return "it was never observed" }
        let losses = AcceptedLosses([acceptance])
        var alone = settings
        alone.accept = [acceptance]
        var classifier = Classifier(Judgement(settings: alone, findings: [], mounts: [], now: seen.observedAt))
        var paths = 0
        var bytes: Int64 = 0
        var secrets: [BytePath] = []
        var secretCount = 0
        var page = try await open(host, [.unexplained, .accepted], after: nil)
        while !page.isEmpty {
            for entry in page.lazy.map(\.entry) {
                let change = entry.change
                guard losses.covering(change.path, isSecret: false, where: { _ in true }) != nil else { continue }
                if classifier.classify(change).verdict == .unexplained {
                    secretCount += 1
                    if secrets.count < Self.secretLimit { secrets.append(change.path) }
                } else {
                    paths += 1
                    if change.kind == .file, change.change != .removed { bytes = bytes.addingClamped(change.size ?? 0) }
                }
            }
            page = try await open(host, [.unexplained, .accepted], after: page.last)
        }
        var text = "it covers \(paths) \(paths == 1 ? "path" : "paths"), \(ByteCount.text(bytes)) in files"
        if secretCount > 0 {
            let named = secrets.map(\.printable).joined(separator: ", ")
            let more = secretCount > secrets.count ? " and \(secretCount - secrets.count) more" : ""
            text +=
                "; \(secretCount) \(secretCount == 1 ? "secret is" : "secrets are") not covered without "
                + "--class secret: \(named)\(more)"
        }
        return text + " (as observed \(JSONText.instant(seen.observedAt)))"
    }

    private func open(_ host: HostName, _ verdicts: Set<PathVerdict>, after: DriftInterval?) async throws
        -> [DriftInterval]
    { try await store.openDrift(of: host, verdicts: verdicts, after: after, limit: 2_000) }
}
