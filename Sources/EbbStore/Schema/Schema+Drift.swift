extension Schema {
    /// The table of what differs now, with the same rules in words that cost nothing: SQLite makes
    /// a table of each list behind `IN` for every row that is checked, six microseconds a row.
    ///
    /// All of it is written out again: SQLite cannot change a CHECK, and a version that shipped is
    /// never edited, nor made of parts that another one shares.
    static let largeScans = """
        CREATE TABLE driftOpenAnew (
          hostID INTEGER NOT NULL REFERENCES host(id),
          path BLOB NOT NULL CHECK (length(path) > 0),
          change TEXT NOT NULL CHECK (change = 'added' OR change = 'modified' OR change = 'removed'
            OR change = 'renamed'),
          kind TEXT NOT NULL CHECK (kind = 'file' OR kind = 'directory' OR kind = 'symlink'
            OR kind = 'fifo' OR kind = 'socket' OR kind = 'block' OR kind = 'character'),
          verdict TEXT NOT NULL CHECK (verdict = 'persisted' OR verdict = 'managed'
            OR verdict = 'regenerated' OR verdict = 'accepted' OR verdict = 'noise'
            OR verdict = 'leaked' OR verdict = 'unexplained'),
          class TEXT NOT NULL CHECK (class = 'identity' OR class = 'secret' OR class = 'precious'
            OR class = 'config' OR class = 'regenerable' OR class = 'cache' OR class = 'log'
            OR class = 'noise' OR class = 'unknown'),
          size INTEGER, mode INTEGER, uid INTEGER, gid INTEGER, modifiedAt INTEGER,
          linkTarget BLOB, renamedFrom BLOB,
          reason TEXT NOT NULL, suggestion TEXT,
          firstID INTEGER NOT NULL REFERENCES collection(id),
          partialID INTEGER REFERENCES collection(id),
          PRIMARY KEY (hostID, path, change, kind, verdict)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO driftOpenAnew (hostID, path, change, kind, verdict, class, size, mode, uid, gid,
            modifiedAt, linkTarget, renamedFrom, reason, suggestion, firstID, partialID)
          SELECT hostID, path, change, kind, verdict, class, size, mode, uid, gid,
            modifiedAt, linkTarget, renamedFrom, reason, suggestion, firstID, partialID
          FROM driftOpen;
        DROP TABLE driftOpen;
        ALTER TABLE driftOpenAnew RENAME TO driftOpen;
        """
}
