/// How full a mounted place is.
package struct StorageUse: Hashable, Sendable, Codable {
    /// The mount point, as the inventory spells it.
    package let mount: String
    package let totalBytes: Int64
    /// Bytes that an ordinary user may still write.
    package let availableBytes: Int64
    /// `nil` where the file system has no fixed number of inodes.
    package let totalInodes: Int64?
    package let freeInodes: Int64?

    package init(
        mount: String, totalBytes: Int64, availableBytes: Int64, totalInodes: Int64? = nil, freeInodes: Int64? = nil
    ) {
        (self.mount, self.totalBytes, self.availableBytes) = (mount, totalBytes, availableBytes)
        (self.totalInodes, self.freeInodes) = (totalInodes, freeInodes)
    }
}
