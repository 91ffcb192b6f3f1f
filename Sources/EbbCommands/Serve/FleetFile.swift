import EbbModel
import EbbReport
import FoundationEssentials

/// What pages need of the inventory, as a file; secrets are written as dots.
struct FleetFile: Sendable {
    let path: String

    /// Replaces the file; only the owner may read it.
    func write(_ fleet: Fleet) throws {
        do {
            let text = try JSONText.encoded(fleet.all)
            try WholeFile.write(Array(text.utf8), to: path, isPrivate: true)
        } catch { throw Failure(.toolFailure, "cannot write \(path)", cause: error) }
    }
}
