package import EbbModel
import FoundationEssentials
import GRDB
import Glibc

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
    /// With `mustExist`, for who only reads, nothing is made: throws `notFound` where there is no file.
    package static func open(
        _ path: String, busyTimeout: Double = Store.busyTimeout, isBrief: Bool = false, mustExist: Bool = false
    ) throws(StoreError) -> Store {
        if mustExist, !FileManager.default.fileExists(atPath: path) {
            throw StoreError(.notFound, "there is no database \(PrintableText.line(path))")
        }
        try prepareDirectory(of: path)
        return try OpeningLock.holding(directory(of: path), limit: busyTimeout) { () throws(StoreError) in
            try prepareFile(path)
            return try opened(path) {
                let configuration = configuration(busyTimeout)
                return isBrief
                    ? try DatabaseQueue(path: path, configuration: configuration)
                    : try DatabasePool(path: path, configuration: configuration)
            }
        }
    }

    /// A store that lives in memory and ends with the process.
    package static func inMemory() throws(StoreError) -> Store {
        try opened(nil) { try DatabaseQueue(configuration: configuration(busyTimeout)) }
    }

    /// The same store for work that must not fail because another process holds the database: asked
    /// after each busy timeout, with their number, `decide` says whether to wait for one more.
    package func waiting(_ decide: @escaping @Sendable (_ tries: Int) -> Bool) -> Store {
        var store = self
        store.waits = decide
        return store
    }

    private init(_ database: any DatabaseWriter) { self.database = database }

    private static func opened(_ path: String?, _ make: () throws -> any DatabaseWriter) throws(StoreError) -> Store {
        do {
            let database = try make()
            let isTooNew = try database.read { try Schema.migrator.hasBeenSuperseded($0) }
            if isTooNew { throw StoreError(.tooNew, "a newer version of Ebb wrote this database") }
            try Schema.migrator.migrate(database)
            return Store(database)
        } catch { throw StoreError(reading: error, of: path) }
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

    /// As `read`, of one host; a host that was never seen has `none`.
    func read<Value: Sendable>(
        of host: HostName, none: Value, _ body: @escaping @Sendable (Database, _ hostID: Int64) throws -> Value
    ) async throws(StoreError) -> Value { try await read { db in try db.find(host).map { try body(db, $0) } ?? none } }

    private func patiently<Value: Sendable>(_ body: () async throws -> Value) async throws(StoreError) -> Value {
        var tries = 0
        while true {
            do { return try await body() } catch {
                let error = StoreError(reading: error, of: database.path)
                tries += 1
                guard error.code == .locked, let waits, waits(tries) else { throw error }
            }
        }
    }
}

/// Keeps processes that open one database at the same moment from making it twice.
///
/// A lock (`flock`) on the directory, so that nothing is left behind; the system drops it when its
/// holder dies. Where a file system knows no such locks, the body runs without one.
enum OpeningLock {
    /// Waits for whoever opens a database in the directory, at most `limit` seconds, and holds the
    /// lock while the body runs.
    static func holding<Value>(_ directory: String, limit: Double, _ body: () throws(StoreError) -> Value)
        throws(StoreError) -> Value
    {
        let descriptor = Glibc.open(directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return try body() }
        defer { close(descriptor) }
        let deadline = ContinuousClock.now + .seconds(limit)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            guard ContinuousClock.now < deadline else {
                throw StoreError(
                    .locked,
                    "another process has been opening a database in "
                        + "\(PrintableText.line(directory)) for \(Int(limit)) s")
            }
            usleep(20_000)
        }
        return try body()
    }
}

/// File operations that outlive a loss of power.
enum Durable {
    /// Waits until the file, or the directory, is on the disk.
    static func sync(_ path: String) throws {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opened", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("synced", path) }
    }

    /// Renames, and waits until the directory knows.
    static func rename(_ source: String, to target: String) throws {
        guard Glibc.rename(source, target) == 0 else { throw failure("renamed", source) }
        try sync(URL(filePath: target).deletingLastPathComponent().path)
    }

    private static func failure(_ verb: String, _ path: String) -> StoreError {
        let code: StoreError.Code = errno == ENOSPC ? .full : .io
        return StoreError(code, "\(PrintableText.line(path)) cannot be \(verb) (\(String(cString: strerror(errno))))")
    }
}

/// A file without a name, gone with whoever holds it.
package final class TemporarySpill: Spill {
    private let descriptor: Int32

    /// How much an observation may hold in memory before the rest goes to such a file.
    package static let policy = SpillPolicy(limit: 8 << 20) { () throws(SpillError) in try TemporarySpill() }

    /// Makes the file in `$TMPDIR`, else in `/var/tmp`, which is on a disk; only this user may read it.
    package init() throws(SpillError) {
        let directory = ProcessVariable.named("TMPDIR") ?? "/var/tmp"
        let path = "\(directory)/ebb-\(UUID().uuidString)"
        // Made here or not at all, so that no file or link of others is opened.
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { unlink(path) }
        if descriptor < 0 { throw Self.failure("cannot make a file in \(directory)") }
    }

    deinit { close(descriptor) }

    /// Puts bytes at a place of the file.
    package func write(_ bytes: [UInt8], at offset: Int) throws(SpillError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done, offset + done)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { throw Self.failure("cannot write a temporary file") }
            done += count
        }
    }

    /// Reads from a place of the file that was written before.
    package func read(_ count: Int, at offset: Int) throws(SpillError) -> [UInt8] {
        var done = 0
        var failure: SpillError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while done < count {
                let read = pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, offset + done)
                if read < 0, errno == EINTR { continue }
                if read <= 0 {
                    failure = Self.failure("cannot read a temporary file")
                    break
                }
                done += read
            }
            filled = done
        }
        if let failure { throw failure }
        return bytes
    }

    private static func failure(_ doing: String) -> SpillError {
        SpillError("\(doing): \(String(cString: strerror(errno)))")
    }
}
