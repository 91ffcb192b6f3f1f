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

    /// The table of slots, filled from the attempts and from the agents that held slots before.
    static let slots = """
        -- Machines that are down, may be, or are not known to be well; no time frees them.
        CREATE TABLE slot (
          -- One machine for each host name, or the id that an agent outside Ebb gave.
          machine TEXT NOT NULL CHECK (length(machine) BETWEEN 1 AND 253),
          -- The FleetLock group of an agent; empty: a host of Ebb's, which counts wherever it is.
          groupName TEXT NOT NULL CHECK (length(groupName) <= 64),
          hostID INTEGER UNIQUE REFERENCES host(id),
          attemptID INTEGER REFERENCES attempt(id),
          since INTEGER NOT NULL,
          PRIMARY KEY (machine, groupName),
          CHECK ((groupName = '') = (hostID IS NOT NULL)),
          CHECK ((hostID IS NULL) = (attemptID IS NULL))
        ) STRICT, WITHOUT ROWID;
        -- A host whose newest attempt that may have been sent neither proved it nor was overridden.
        INSERT INTO slot (machine, groupName, hostID, attemptID, since)
          SELECT name, '', hostID, attempt.id, createdAt
          FROM attempt JOIN host ON host.id = hostID
          WHERE state IN ('intent', 'sent', 'booted', 'failed', 'inconclusive')
            AND NOT EXISTS (SELECT 1 FROM override WHERE attemptID = attempt.id)
            AND NOT EXISTS (SELECT 1 FROM attempt AS later
              WHERE later.hostID = attempt.hostID AND later.id > attempt.id
                AND later.state IN ('intent', 'sent', 'booted', 'proven', 'failed',
                  'inconclusive'));
        INSERT INTO slot (machine, groupName, since) SELECT id, groupName, since FROM lockHolder;
        DROP TABLE lockHolder;
        """

    /// One word for one look at one host: the table and its indexes have it too.
    static let observations = """
        ALTER TABLE collection RENAME TO observation;
        DROP INDEX collectionByHost;
        DROP INDEX collectionByFacts;
        DROP INDEX collectionByFindings;
        DROP INDEX collectionTrend;
        DROP INDEX collectionNotJudged;
        CREATE INDEX observationByHost ON observation(hostID, id);
        CREATE INDEX observationByFacts ON observation(factsDigest);
        CREATE INDEX observationByFindings ON observation(findingsDigest);
        CREATE INDEX observationTrend
          ON observation(hostID, state, observedAt, id, unexplainedPaths, leakedPaths);
        CREATE INDEX observationNotJudged ON observation(id) WHERE state = 'recorded';
        """

    /// What tells a controller from another process with its number, whatever the clocks say.
    static let controllers = """
        ALTER TABLE rollout ADD COLUMN controllerStartTicks INTEGER;
        ALTER TABLE rollout ADD COLUMN controllerPIDNamespace TEXT;
        """
}
