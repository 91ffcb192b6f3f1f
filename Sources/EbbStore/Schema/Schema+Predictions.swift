extension Schema {
    /// The tables of predictions, and of what boots have taught.
    static let predictions = """
        -- Digests of small changed files, as the newest complete look at a host saw them.
        CREATE TABLE driftContent (
          hostID INTEGER NOT NULL REFERENCES host(id),
          path BLOB NOT NULL CHECK (length(path) > 0),
          digest BLOB NOT NULL CHECK (length(digest) = 32),
          PRIMARY KEY (hostID, path)
        ) STRICT, WITHOUT ROWID;

        -- What the last look before a boot said would be undone, against the first look after it.
        CREATE TABLE bootComparison (
          hostID INTEGER NOT NULL REFERENCES host(id),
          bootID TEXT NOT NULL CHECK (length(bootID) = 36),
          predictedID INTEGER NOT NULL REFERENCES collection(id),
          foundID INTEGER NOT NULL REFERENCES collection(id),
          isProof INTEGER NOT NULL CHECK (isProof IN (0, 1)),
          undone INTEGER NOT NULL,
          survived INTEGER NOT NULL,
          missed INTEGER NOT NULL,
          comparison TEXT NOT NULL CHECK (json_valid(comparison)),
          PRIMARY KEY (hostID, bootID),
          CHECK (predictedID < foundID)
        ) STRICT, WITHOUT ROWID;

        -- What came back after a boot, of the paths that nobody had accounted for.
        CREATE TABLE pathReturn (
          hostID INTEGER NOT NULL REFERENCES host(id),
          bootID TEXT NOT NULL CHECK (length(bootID) = 36),
          path BLOB NOT NULL CHECK (length(path) > 0),
          outcome TEXT NOT NULL CHECK (outcome IN ('same', 'different', 'unknown')),
          signature TEXT,
          PRIMARY KEY (hostID, bootID, path)
        ) STRICT, WITHOUT ROWID;
        """
}
