import EbbModel
import FoundationEssentials
import GRDB

/// The project's only door to SQLite.
///
/// Every verb is one transaction, written with `synchronous=FULL`: when it returns, the fact
/// outlives a crash of the controller and a loss of power.
package struct Store: Sendable {
    let database: any DatabaseWriter
    /// Asked when another process holds the database: whether to wait for one more busy timeout.
    private var waits: (@Sendable (_ tries: Int) -> Bool)?

    /// How long a statement waits for another process, in seconds, before it fails as `locked`.
    package static let busyTimeout: Double = 10

    /// Opens the database, makes it and its directory where they are missing, and migrates it.
    ///
    /// The file is readable by its owner only (mode 0600), a directory that is made likewise (0700).
    /// With `isBrief`, for who reads once and is done, there is one connection and not a pool of them.
    package static func open(_ path: String, busyTimeout: Double = Store.busyTimeout, isBrief: Bool = false)
        throws(StoreError) -> Store
    {
        try prepareDirectory(of: path)
        return try OpeningLock.holding(directory(of: path), limit: busyTimeout) { () throws(StoreError) in
            try prepareFile(path)
            return try opened {
                let configuration = configuration(busyTimeout)
                return isBrief
                    ? try DatabaseQueue(path: path, configuration: configuration)
                    : try DatabasePool(path: path, configuration: configuration)
            }
        }
    }

    /// A store that lives in memory and ends with the process.
    package static func inMemory() throws(StoreError) -> Store {
        try opened { try DatabaseQueue(configuration: configuration(busyTimeout)) }
    }

    /// The same store for work that must not fail because another process holds the database: asked
    /// after each busy timeout, with their number, `decide` says whether to wait for one more.
    package func waiting(_ decide: @escaping @Sendable (_ tries: Int) -> Bool) -> Store {
        var store = self
        store.waits = decide
        return store
    }

    private init(_ database: any DatabaseWriter) { self.database = database }

    private static func opened(_ make: () throws -> any DatabaseWriter) throws(StoreError) -> Store {
        do {
            let database = try make()
            let isTooNew = try database.read { try Schema.migrator.hasBeenSuperseded($0) }
            if isTooNew { throw StoreError(.tooNew, "a newer version of Ebb wrote this database") }
            try Schema.migrator.migrate(database)
            return Store(database)
        } catch { throw StoreError(reading: error) }
    }

    private static func configuration(_ busyTimeout: Double) -> Configuration {
        var configuration = Configuration()
        configuration.label = "ebb"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busyTimeout)
        configuration.prepareDatabase { db in
            // FULL for everything: the journal of reboots must never be older than its effects,
            // and one rule is easier to trust than two.
            try db.execute(sql: "PRAGMA synchronous = FULL")
        }
        return configuration
    }

    private static func directory(of path: String) -> String { URL(filePath: path).deletingLastPathComponent().path }

    private static func prepareDirectory(of path: String) throws(StoreError) {
        let files = FileManager.default
        let directory = directory(of: path)
        if !files.fileExists(atPath: directory) {
            do {
                try files.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw StoreError(
                    .cannotOpen, "the directory \(PrintableText.line(directory)) cannot be made", cause: error)
            }
        }
        if !files.isWritableFile(atPath: directory) {
            // SQLite needs to write beside the file (its log), so this would fail later and worse.
            throw StoreError(.readOnly, "the directory \(PrintableText.line(directory)) cannot be written")
        }
    }

    private static func prepareFile(_ path: String) throws(StoreError) {
        let files = FileManager.default
        if files.fileExists(atPath: path) {
            guard files.isWritableFile(atPath: path) else {
                throw StoreError(.readOnly, "the database \(PrintableText.line(path)) cannot be written")
            }
            return
        }
        // Made before SQLite opens it, so that its log and shared memory inherit the mode.
        guard files.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw StoreError(.cannotOpen, "the database \(PrintableText.line(path)) cannot be made")
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(StoreError)
        -> Value
    { try await patiently { try await database.write(body) } }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(StoreError) -> Value
    { try await patiently { try await database.read(body) } }

    private func patiently<Value: Sendable>(_ body: () async throws -> Value) async throws(StoreError) -> Value {
        var tries = 0
        while true {
            do { return try await body() } catch {
                let error = StoreError(reading: error)
                tries += 1
                guard error.code == .locked, let waits, waits(tries) else { throw error }
            }
        }
    }
}
