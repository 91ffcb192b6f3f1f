import EbbModel

/// What a file's name and mode suggest about it, where the catalogue knows nothing.
enum NameHints {
    /// The class that an unknown file probably has.
    static func stateClass(of change: PathChange) -> StateClass {
        guard change.kind == .file else { return .unknown }
        if isNamedLikeSecret(change.path) { return .secret }
        if needsItsDirectory(change.path) { return .precious }
        if let mode = change.mode, mode & 0o077 == 0, mode & 0o400 != 0 { return .secret }
        return .unknown
    }

    /// Whether a file of this name mostly holds something secret.
    static func isNamedLikeSecret(_ path: BytePath) -> Bool {
        matches(path, suffixes: secretEndings, words: secretWords)
    }

    /// Whether programs write a file of this name by more than one file or by renaming over it, so
    /// that only its directory can be kept.
    static func needsItsDirectory(_ path: BytePath) -> Bool {
        matches(path, suffixes: databaseEndings, words: [])
    }

    private static let secretEndings = bytes(".key", ".pem", ".p12")
    private static let secretWords = bytes("secret", "token", "password", "credential", "id_rsa")
    private static let databaseEndings = bytes(
        ".db", ".sqlite", ".sqlite3", ".mdb", ".ldb", ".sst", "-wal", "-shm", "-journal", ".db3",
        ".kdbx")

    private static func bytes(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    /// Compares the last component, upper and lower case alike.
    private static func matches(
        _ path: BytePath, suffixes: [[UInt8]], words: [[UInt8]]
    ) -> Bool {
        path.bytes.withUnsafeBufferPointer { path in
            var start = path.count
            while start > 0, path[start - 1] != UInt8(ascii: "/") { start -= 1 }
            for suffix in suffixes where path.count - start > suffix.count {
                if holds(path, suffix, at: path.count - suffix.count) { return true }
            }
            for word in words where path.count - start >= word.count {
                for offset in start...(path.count - word.count) where holds(path, word, at: offset)
                {
                    return true
                }
            }
            return false
        }
    }

    private static func holds(
        _ path: UnsafeBufferPointer<UInt8>, _ word: [UInt8], at offset: Int
    ) -> Bool {
        for index in 0..<word.count {
            let byte = path[offset + index]
            let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            if (isUpper ? byte | 0x20 : byte) != word[index] { return false }
        }
        return true
    }
}
