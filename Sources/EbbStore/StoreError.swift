package import EbbModel
import GRDB

/// Why the store did not do what it was asked.
package struct StoreError: CausedError, Sendable {
    /// The kind of trouble; what to do follows from it.
    package enum Code: String, Sendable, CaseIterable {
        /// Another process holds the database for longer than the busy timeout.
        case locked
        /// The file is no database, or a damaged one.
        case corrupt
        /// The disk is full; nothing of the transaction was kept.
        case full
        /// The file or its directory cannot be written.
        case readOnly
        /// The file or its directory cannot be opened or made.
        case cannotOpen
        /// A newer Ebb wrote the database.
        case tooNew
        /// Another unfinished rollout, or an undecided attempt, holds some of the hosts.
        case hostsBusy
        /// A group of the host has no slot left.
        case noSlot
        /// The journal does not lead from the attempt's state to the wanted one.
        case invalidTransition
        /// Another controller has taken the rollout over.
        case fenced
        /// Newer drift of the same host is already stored.
        case outOfOrder
        /// Nothing is stored under that name or number.
        case notFound
        /// The schema refuses the value; a defect of the caller.
        case refused
        /// The operating system failed to read or write.
        case io
        /// The task was cancelled; nothing was kept.
        case cancelled
    }

    /// A host that cannot be taken, and the rollout that holds it.
    package struct BusyHost: Hashable, Sendable {
        package let host: HostName
        package let rollout: RolloutID
    }

    package let code: Code
    /// The host concerned, where there is one.
    package let host: HostName?
    /// One sentence for a person.
    package let message: String
    /// For `hostsBusy`: every host that is held, sorted.
    package let busy: [BusyHost]
    /// What was underneath.
    package let cause: (any Error)?

    package init(
        _ code: Code, host: HostName? = nil, _ message: String, busy: [BusyHost] = [], cause: (any Error)? = nil
    ) { (self.code, self.host, self.message, self.busy, self.cause) = (code, host, message, busy, cause) }

    /// What to do about it, where that is the same whoever asked.
    package var hint: String? {
        code == .corrupt
            ? "`ebb database check` names what is damaged; a copy made by `ebb database backup`, put in the file's "
                + "place, brings the evidence back" : nil
    }

    package var description: String {
        let place = host.map { "\($0): " } ?? ""
        return place + message
    }
}

extension StoreError {
    /// Reads an error of the database library; one that is ours already stays as it is.
    ///
    /// `file` is the database, where it is known.
    init(reading error: any Error, of file: String? = nil) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(sqlite: error, of: file)
        case is CancellationError: self.init(.cancelled, "the task was cancelled", cause: error)
        default: self.init(.io, "the database could not be used", cause: error)
        }
    }

    private init(sqlite error: DatabaseError, of file: String?) {
        let file = file.map { "the database \(PrintableText.line($0))" } ?? "the database"
        let code: Code
        let sentence: String
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: (code, sentence) = (.locked, "another process holds the database")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: (code, sentence) = (.corrupt, "\(file) is damaged, or is not Ebb's")
        case .SQLITE_FULL: (code, sentence) = (.full, "the disk is full; nothing of this step was kept")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: (code, sentence) = (.readOnly, "\(file) cannot be written")
        case .SQLITE_CANTOPEN: (code, sentence) = (.cannotOpen, "\(file) cannot be opened")
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE:
            (code, sentence) = (.refused, "the schema refuses the value")
        case .SQLITE_INTERRUPT, .SQLITE_ABORT: (code, sentence) = (.cancelled, "the statement was interrupted")
        default: (code, sentence) = (.io, "\(file) could not be read or written")
        }
        let detail = error.message ?? "SQLite status \(error.resultCode.rawValue)"
        // Which statement met it says something of a defect of ours, and nothing of a file or a disk.
        let isDefect = code == .refused || code == .io
        self.init(code, "\(sentence) (\(PrintableText.line(detail)))", cause: isDefect ? error : nil)
    }
}
