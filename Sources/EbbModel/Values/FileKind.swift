/// The kind of a file system entry.
package enum FileKind: String, Sendable, Codable, CaseIterable {
    case file, directory, symlink, fifo, socket, block, character

    /// Reads the letter of GNU find's `%y`; `nil` for a letter that names no kind.
    package init?(findLetter: UInt8) {
        switch findLetter {
        case UInt8(ascii: "f"): self = .file
        case UInt8(ascii: "d"): self = .directory
        case UInt8(ascii: "l"): self = .symlink
        case UInt8(ascii: "p"): self = .fifo
        case UInt8(ascii: "s"): self = .socket
        case UInt8(ascii: "b"): self = .block
        case UInt8(ascii: "c"): self = .character
        default: return nil
        }
    }
}
