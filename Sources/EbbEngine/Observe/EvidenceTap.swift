import EbbProbe
import EbbStore

/// Keeps what a host sent, probe by probe, so that it can be stored before it is judged.
///
/// Small answers go into one part; the listing of differences into a part of its own, which is
/// equal from one look to the next when nothing changed, and is then stored once.
struct EvidenceTap: Sendable {
    private var frames: FrameParser
    private var current = ""
    private var facts: [UInt8] = []
    private var listing: [UInt8] = []
    private let listingName: String

    init(nonce: ProbeNonce, listing name: String) {
        frames = FrameParser(nonce: nonce)
        listingName = name
    }

    mutating func feed(_ bytes: [UInt8]) {
        var frames = frames
        frames.feed(bytes) { event in
            switch event {
            case .begin(let name):
                current = name
                facts += Array("== \(name)\n".utf8)
            case .output(let slice):
                if current == listingName {
                    listing += slice.prefix(max(0, EvidencePart.limit - listing.count))
                } else {
                    facts += slice.prefix(max(0, EvidencePart.limit - facts.count))
                }
            case .end(let name, let status, let error):
                facts += Array("\n== \(name): status \(status)\n".utf8) + error
            case .complete: facts += Array("== complete\n".utf8)
            }
        }
        self.frames = frames
    }

    /// The parts so far; `standardError` is what the shell itself said.
    func parts(standardError: [UInt8]) -> [EvidencePart] {
        var parts = [EvidencePart(name: "facts", bytes: facts)]
        if !listing.isEmpty { parts.append(EvidencePart(name: listingName, bytes: listing)) }
        if !standardError.isEmpty {
            parts.append(EvidencePart(name: "stderr", bytes: standardError))
        }
        return parts
    }
}
