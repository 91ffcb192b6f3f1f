import EbbEngine
import EbbModel
import EbbStore
import EbbTransport

/// The step `verify`: whether each declared path really is kept, as the host looks now.
struct PlayVerify: Sendable {
    let fleet: Fleet
    let options: GlobalOptions

    func run(_ hosts: [HostSettings]) async throws -> [PlayReport.Host] {
        let engine = try await fleet.engine()
        let looks = try await engine.each(hosts) { settings throws(StoreError) in
            Self.judged(try await engine.observe(settings, kind: .drift))
        }
        return looks.done + PlayReport.Host.unknown(looks.failed)
    }

    private static func judged(_ look: HostLook) -> PlayReport.Host {
        let host = look.settings.host
        if let error = look.transportError {
            return PlayReport.Host(host, .unreachable, error.message)
        }
        var unknown: DeclaredFinding?
        for finding in look.declared {
            switch finding.verdict {
            case .inEffect: continue
            case .unknown: unknown = unknown ?? finding
            case .leaked, .missing, .wrongAttributes:
                return PlayReport.Host(
                    host, .failed,
                    "\(finding.entry.path): \(finding.verdict.rawValue), \(finding.reason)")
            }
        }
        if let unknown {
            return PlayReport.Host(
                host, .indeterminate, "\(unknown.entry.path): \(unknown.reason)")
        }
        return PlayReport.Host(host, .ok, "\(look.declared.count) declared paths are in effect")
    }
}
