package import EbbModel
import EbbProbe
import EbbStore
import EbbTransport

extension Engine {
    /// Has a host write down what its fresh root holds; says in which file, and how many entries.
    package func writeBaseline(_ settings: HostSettings) async -> Result<(file: String, entries: Int), ProbeGap> {
        func refused(_ message: String) -> Result<(file: String, entries: Int), ProbeGap> {
            .failure(ProbeGap(probe: BaselineProbe.name, reason: .failed, message: message))
        }
        guard let file = settings.baselineFile else {
            return refused("neither root.blank nor root.lower names a file on persistent storage of this host")
        }
        do {
            let newest = try await store.boots(of: settings.host, limit: 1).first
            let proven = newest?.verdict?.isProven == true ? newest?.bootID : nil
            let probe = BaselineProbe.probe(file: file, boot: proven)
            let report = try await ask(settings, [probe], timeout: .seconds(630)).report
            let output = try report.output(of: BaselineProbe.name)
            guard let entries = BaselineProbe.entries(output) else {
                return refused("the host did not say what it wrote")
            }
            return .success((file, entries))
        } catch let gap as ProbeGap { return .failure(gap) } catch let error as TransportError {
            return .failure(ProbeGap(error))
        } catch { return refused("\(error)") }
    }
}

extension HostSettings {
    /// The file for a baseline that the inventory names, where it can outlive a boot.
    fileprivate var baselineFile: String? {
        let named: String? =
            switch root?.strategy {
            case .mkfs, .tmpfs: root?.blank
            case .overlay: root?.lower
            case .zfs, .btrfs, .none?, nil: nil
            }
        guard let named, persist.contains(where: { named != $0.mount && BytePath(named).isInside(BytePath($0.mount)) })
        else { return nil }
        return named
    }
}
