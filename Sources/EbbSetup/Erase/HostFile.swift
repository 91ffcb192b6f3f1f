import FoundationEssentials

/// A file that Ebb puts on a host.
package struct HostFile: Hashable, Sendable, Codable {
    /// Absolute path.
    package let path: String
    /// Permission bits.
    package let mode: UInt16
    package let content: String

    package init(path: String, mode: UInt16, content: String) {
        (self.path, self.mode, self.content) = (path, mode, content)
    }

    /// Path, mode and content, as a script takes them.
    var words: [String] { [path, String(mode, radix: 8), Data(content.utf8).base64EncodedString()] }
}
