import EbbModel
import EbbProbe
import EbbStore

/// Keeps what a host sent, probe by probe, so that it can be stored before it is judged.
///
/// Small answers go into one part; the listing of differences into a part of its own, which is
/// equal from one observation to the next when nothing changed, and is then stored once. What is too
/// long for memory is put aside.
struct EvidenceTap: Sendable {
    private var current = ""
    private var facts: [UInt8] = []
    /// What declared paths held, to be found again after a boot.
    private var census: [UInt8] = []
    private var listing: SpillBuffer
    /// Why the listing is not all there, if it is not.
    private(set) var trouble: SpillError?
    private let listingName: String

    init(listing name: String, policy: SpillPolicy) {
        listing = SpillBuffer(policy, room: EvidencePart.limit)
        listingName = name
    }

    /// Keeps what the parser of the same stream found.
    mutating func take(_ event: FrameEvent) {
        switch event {
        case .begin(let name):
            current = name
            facts += Array("== \(name)\n".utf8)
        case .output(let slice) where current == listingName:
            guard trouble == nil else { break }
            do throws(SpillError) { try listing.append(slice) } catch { trouble = error }
        case .output(let slice) where current == CensusProbe.name:
            census += slice.prefix(max(0, EvidencePart.limit - census.count))
        case .output(let slice): facts += slice.prefix(max(0, EvidencePart.limit - facts.count))
        case .end(let name, let status, let error): facts += Array("\n== \(name): status \(status)\n".utf8) + error
        case .complete: facts += Array("== complete\n".utf8)
        }
    }

    /// The parts so far; `standardError` is the shell's own.
    func parts(standardError: [UInt8]) -> [EvidencePart] {
        var parts = [EvidencePart(name: "facts", bytes: facts)]
        if !census.isEmpty { parts.append(EvidencePart(name: CensusProbe.name, bytes: census)) }
        if listing.count > 0 { parts.append(EvidencePart(name: listingName, content: listing)) }
        if !standardError.isEmpty { parts.append(EvidencePart(name: "stderr", bytes: standardError)) }
        return parts
    }
}
