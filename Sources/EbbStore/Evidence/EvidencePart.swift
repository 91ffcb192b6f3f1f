package import EbbModel

/// Bytes that something rests on: one stream of one command, as the host sent it.
package struct EvidencePart: Sendable {
    /// What the bytes are, such as `facts` or `drift`.
    ///
    /// Parts that do not change between two observations are stored once, so a part of its own for what
    /// is long and stable costs nothing the second time.
    package let name: String
    package let content: SpillBuffer

    package init(name: String, bytes: [UInt8]) { self.init(name: name, content: SpillBuffer(bytes, room: Self.limit)) }

    /// A part whose buffer was made with room for `limit` bytes.
    package init(name: String, content: SpillBuffer) { (self.name, self.content) = (name, content) }

    /// The most that is kept of one part; the beginning stays, and the part says how long it was.
    package static let limit = 64 << 20
}

/// A part as it is stored.
package struct StoredEvidencePart: Sendable, Hashable {
    package let name: String
    /// SHA-256 of the kept bytes, lower-case hexadecimal.
    package let digest: String
    /// How long the part was; more than was kept when it was over `EvidencePart.limit`.
    package let originalSize: Int
    /// The kept bytes; `nil` when they were pruned.
    package let bytes: [UInt8]?
}
