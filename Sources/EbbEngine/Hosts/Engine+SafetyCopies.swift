package import EbbModel
package import EbbProbe
import EbbTransport

/// Safety copies on a host's persistent storage: what they hold, and bringing it back.
extension Engine {
    /// What the safety copies of a host hold.
    package func safetyCopies(on settings: HostSettings) async throws -> SafetyCopyListing {
        SafetyCopyListing(
            try await output(
                of: ProbeScript.Probe(
                    name: "copies", shell: SafetyCopyShell.list(mount: try mount(settings)), limit: 120), settings))
    }

    /// Brings a path back, and gives every path that is back, without its leading `/`.
    package func restore(_ path: String, from copy: String, replacing: Bool, on settings: HostSettings) async throws
        -> [String]
    {
        let restored = try await output(
            of: ProbeScript.Probe(
                name: "restore",
                shell: SafetyCopyShell.restore(
                    BytePath(path), from: copy, mount: try mount(settings), replacing: replacing), limit: 280), settings
        )
        return String(decoding: restored, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func mount(_ settings: HostSettings) throws -> String {
        guard let mount = settings.persist.first?.mount else {
            throw Failure(.usage, "\(settings.host) has no persistent storage declared (ebb.persist)")
        }
        return mount
    }

    private func output(of probe: ProbeScript.Probe, _ settings: HostSettings) async throws -> [UInt8] {
        let answer: HostAnswer
        do throws(TransportError) { answer = try await ask(settings, [probe]) } catch {
            throw Failure(.incomplete, "\(settings.host) could not be asked", cause: error)
        }
        guard let result = answer.report.results[probe.name], result.status == 0 else {
            let complaint = ProbeResult.message(answer.report.results[probe.name]?.standardError ?? [])
            throw Failure(.findings, "\(settings.host): \(complaint)")
        }
        return result.output
    }
}
