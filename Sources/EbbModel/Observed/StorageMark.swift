/// Which storage holds a path, as far as it says; two of one storage need not know the same of it.
package struct StorageMark: Hashable, Sendable, Codable {
    /// The file system's UUID, or the numbers of a ZFS pool and dataset; empty where nobody could say.
    package let uuid: String
    /// Type and identity of the file system, as `statfs` has them; empty where these are made anew by each mount.
    package let fileSystem: String
    /// Where in the file system the path lies, wherever that is mounted; `nil` where nobody could say.
    package let position: String?

    /// `nil` where nothing identifies the storage.
    package init?(_ place: Census.Place) {
        // tmpfs, overlay, XFS (the device), FUSE, NFS.
        let unstable = ["1021994", "794c7630", "58465342", "65735546", "6969"]
        let type = place.fileSystem.split(separator: " ").first.map(String.init) ?? ""
        self.init(
            uuid: place.uuid, fileSystem: unstable.contains(type) ? "" : place.fileSystem, position: place.position)
        if uuid.isEmpty, fileSystem.isEmpty { return nil }
    }

    private init(uuid: String, fileSystem: String, position: String?) {
        (self.uuid, self.fileSystem, self.position) = (uuid, fileSystem, position)
    }

    /// What says that the other one is another storage, in words; what only one of them knows is not compared.
    package func difference(from old: StorageMark) -> String? {
        if !old.uuid.isEmpty, !uuid.isEmpty, old.uuid != uuid {
            return "it lies on the file system \(uuid), and lay on \(old.uuid)"
        }
        if !old.fileSystem.isEmpty, !fileSystem.isEmpty, old.fileSystem != fileSystem {
            return "it lies on another file system (\(fileSystem)) than before (\(old.fileSystem))"
        }
        guard let was = old.position, let position, was != position else { return nil }
        return "it is \(position) of its file system, and was \(was)"
    }

    /// The same storage, with what only the other mark knows of it.
    package func adding(_ other: StorageMark) -> StorageMark {
        StorageMark(
            uuid: uuid.isEmpty ? other.uuid : uuid, fileSystem: fileSystem.isEmpty ? other.fileSystem : fileSystem,
            position: position ?? other.position)
    }

    /// The mark for a person.
    package var text: String {
        [uuid, fileSystem.isEmpty ? "" : "(\(fileSystem))", position ?? ""].filter { !$0.isEmpty }.joined(
            separator: " ")
    }
}
