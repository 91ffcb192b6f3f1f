import EbbModel

/// What a file's name and mode suggest about it, where the catalogue knows nothing.
enum NameHints {
    /// The class that an unknown file probably has.
    static func stateClass(of change: PathChange) -> StateClass {
        guard change.kind == .file else { return .unknown }
        let name = Self.name(change.path)
        if isSecret(name) { return .secret }
        if isDatabase(name) { return .precious }
        if let mode = change.mode, mode & 0o077 == 0, mode & 0o400 != 0 { return .secret }
        return .unknown
    }

    /// Whether programs write a file of this name by more than one file or by renaming over it, so
    /// that only its directory can be kept.
    static func needsItsDirectory(_ path: BytePath) -> Bool { isDatabase(name(path)) }

    private static func name(_ path: BytePath) -> String {
        let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1
        return String(decoding: path.bytes[(slash + 1)...], as: UTF8.self).lowercased()
    }

    private static func isSecret(_ name: String) -> Bool {
        name.hasSuffix(".key") || name.hasSuffix(".pem") || name.hasSuffix(".p12")
            || name.contains("secret") || name.contains("token") || name.contains("password")
            || name.contains("credential") || name.hasPrefix("id_")
    }

    private static func isDatabase(_ name: String) -> Bool {
        [
            ".db", ".sqlite", ".sqlite3", ".mdb", ".ldb", ".sst", "-wal", "-shm", "-journal",
            ".db3", ".kdbx",
        ].contains { name.hasSuffix($0) }
    }
}
