import GRDB

/// The tables, and how they came to be.
///
/// Migrations are append-only: one that has shipped is never edited, holds literal values only, and
/// calls no live code. Times are milliseconds since 1970 (UTC), save the modification times of
/// paths, which are microseconds. Digests are SHA-256, 32 bytes.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        let versions = [
            ("1-evidence", evidence), ("2-drift", drift), ("3-hosts", hosts), ("4-journal", journal),
            ("5-schedule", schedule), ("6-compliance", compliance), ("7-predictions", predictions),
            ("8-reboots", reboots), ("9-onboarding", onboarding), ("10-long-histories", longHistories),
            ("11-large-scans", largeScans), ("12-slots", slots), ("13-observations", observations),
            ("14-controllers", controllers), ("15-census", census), ("16-erasure", erasure), ("17-identity", identity),
            ("18-content", content),
        ]
        for (name, sql) in versions { migrator.registerMigration(name) { try $0.execute(sql: sql) } }
        return migrator
    }

    private static let evidence = """
        CREATE TABLE host (
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 253)
        ) STRICT;

        -- Bytes by their digest, so that what repeats is stored once. NULL bytes: pruned.
        CREATE TABLE content (
          digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
          size INTEGER NOT NULL CHECK (size >= 0),
          codec TEXT NOT NULL CHECK (codec IN ('raw', 'zlib')),
          bytes BLOB
        ) STRICT;

        -- The hash chain: hash = SHA-256(previousHash, canonical content of the row and its parts).
        CREATE TABLE evidence (
          id INTEGER PRIMARY KEY CHECK (id > 0),
          hostID INTEGER REFERENCES host(id),
          kind TEXT NOT NULL CHECK (kind IN
            ('raw', 'judgement', 'boot', 'identity', 'rollout', 'attempt', 'override', 'stop')),
          recordedAt INTEGER NOT NULL,
          bootID TEXT CHECK (length(bootID) = 36),
          detail TEXT NOT NULL CHECK (json_valid(detail)),
          previousHash BLOB NOT NULL UNIQUE CHECK (length(previousHash) = 32),
          hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
        ) STRICT;
        CREATE TABLE evidencePart (
          evidenceID INTEGER NOT NULL REFERENCES evidence(id),
          ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
          name TEXT NOT NULL,
          digest BLOB NOT NULL REFERENCES content(digest),
          originalSize INTEGER NOT NULL CHECK (originalSize >= 0),
          PRIMARY KEY (evidenceID, ordinal)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX evidencePartByDigest ON evidencePart(digest);
        CREATE INDEX evidenceByHost ON evidence(hostID, id);

        CREATE TRIGGER evidenceIsNeverChanged BEFORE UPDATE ON evidence
          BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
        CREATE TRIGGER evidenceIsNeverRemoved BEFORE DELETE ON evidence
          BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
        """

    private static let drift = """
        CREATE TABLE collection (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          hostID INTEGER NOT NULL REFERENCES host(id),
          kind TEXT NOT NULL CHECK (kind IN ('drift', 'preflight', 'proof', 'baseline', 'doctor')),
          observedAt INTEGER NOT NULL,
          bootID TEXT CHECK (length(bootID) = 36),
          toolVersion TEXT NOT NULL,
          evidenceID INTEGER NOT NULL UNIQUE REFERENCES evidence(id),
          state TEXT NOT NULL CHECK (state IN ('recorded', 'observed', 'judged')),
          reachable INTEGER CHECK (reachable IN (0, 1)),
          complete INTEGER CHECK (complete IN (0, 1)),
          strategy TEXT CHECK (strategy IN
            ('zfs', 'btrfs', 'overlay', 'tmpfs', 'mkfs', 'none')),
          hostClock INTEGER,
          uptime REAL,
          factsDigest BLOB REFERENCES content(digest),
          gaps TEXT CHECK (gaps IS NULL OR json_valid(gaps)),
          judgementID INTEGER UNIQUE REFERENCES evidence(id),
          entriesID INTEGER REFERENCES collection(id),
          entriesDigest BLOB CHECK (length(entriesDigest) = 32),
          findingsDigest BLOB REFERENCES content(digest),
          counts TEXT CHECK (counts IS NULL OR json_valid(counts)),
          CHECK (state = 'recorded' OR (reachable IS NOT NULL AND complete IS NOT NULL
            AND gaps IS NOT NULL AND factsDigest IS NOT NULL)),
          CHECK (complete IS NOT 1 OR (reachable = 1 AND gaps = '[]')),
          CHECK ((state = 'judged') = (judgementID IS NOT NULL)),
          CHECK ((state = 'judged') = (entriesID IS NOT NULL)),
          CHECK ((state = 'judged') = (entriesDigest IS NOT NULL)),
          CHECK ((state = 'judged') = (counts IS NOT NULL))
        ) STRICT;
        CREATE INDEX collectionByHost ON collection(hostID, id);
        CREATE INDEX collectionByFacts ON collection(factsDigest);
        CREATE INDEX collectionByFindings ON collection(findingsDigest);

        -- What differs now. One row as long as the path, the change, the kind and the verdict stay;
        -- sizes, times and sentences are those of the newest collection that saw it.
        CREATE TABLE driftOpen (
          hostID INTEGER NOT NULL REFERENCES host(id),
          path BLOB NOT NULL CHECK (length(path) > 0),
          change TEXT NOT NULL CHECK (change IN ('added', 'modified', 'removed', 'renamed')),
          kind TEXT NOT NULL CHECK (kind IN
            ('file', 'directory', 'symlink', 'fifo', 'socket', 'block', 'character')),
          verdict TEXT NOT NULL CHECK (verdict IN
            ('persisted', 'managed', 'regenerated', 'accepted', 'noise', 'leaked', 'unexplained')),
          class TEXT NOT NULL CHECK (class IN
            ('identity', 'secret', 'precious', 'config', 'regenerable', 'cache', 'log', 'noise',
             'unknown')),
          size INTEGER, mode INTEGER, uid INTEGER, gid INTEGER, modifiedAt INTEGER,
          linkTarget BLOB, renamedFrom BLOB,
          reason TEXT NOT NULL, suggestion TEXT,
          firstID INTEGER NOT NULL REFERENCES collection(id),
          partialID INTEGER REFERENCES collection(id),
          PRIMARY KEY (hostID, path, change, kind, verdict)
        ) STRICT, WITHOUT ROWID;

        -- What differed once: gone, or judged otherwise, since the collection after `lastID`.
        CREATE TABLE driftClosed (
          id INTEGER PRIMARY KEY,
          hostID INTEGER NOT NULL REFERENCES host(id),
          path BLOB NOT NULL, change TEXT NOT NULL, kind TEXT NOT NULL, verdict TEXT NOT NULL,
          class TEXT NOT NULL,
          size INTEGER, mode INTEGER, uid INTEGER, gid INTEGER, modifiedAt INTEGER,
          linkTarget BLOB, renamedFrom BLOB,
          reason TEXT NOT NULL, suggestion TEXT,
          firstID INTEGER NOT NULL REFERENCES collection(id),
          lastID INTEGER NOT NULL REFERENCES collection(id),
          closedID INTEGER NOT NULL REFERENCES collection(id),
          CHECK (firstID <= lastID AND lastID < closedID)
        ) STRICT;
        CREATE INDEX driftClosedByPath ON driftClosed(hostID, path);
        """

    private static let hosts = """
        CREATE TABLE persistenceSet (
          digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
          entries TEXT NOT NULL CHECK (json_valid(entries))
        ) STRICT;
        CREATE TABLE hostPersistence (
          hostID INTEGER NOT NULL REFERENCES host(id),
          fromAt INTEGER NOT NULL,
          toAt INTEGER,
          digest BLOB NOT NULL REFERENCES persistenceSet(digest),
          PRIMARY KEY (hostID, fromAt),
          CHECK (toAt >= fromAt)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX onePersistenceSetInForce ON hostPersistence(hostID)
          WHERE toAt IS NULL;

        CREATE TABLE identity (
          hostID INTEGER NOT NULL REFERENCES host(id),
          kind TEXT NOT NULL CHECK (kind IN
            ('machine-id', 'host-key', 'board-serial', 'blank', 'root')),
          value TEXT NOT NULL,
          firstSeenAt INTEGER NOT NULL,
          lastSeenAt INTEGER NOT NULL,
          PRIMARY KEY (hostID, kind, value),
          CHECK (lastSeenAt >= firstSeenAt)
        ) STRICT, WITHOUT ROWID;
        """

    private static let journal = """
        CREATE TABLE rollout (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          pattern TEXT NOT NULL,
          plan TEXT NOT NULL CHECK (json_valid(plan)),
          planHash TEXT NOT NULL,
          controllerName TEXT NOT NULL,
          controllerPID INTEGER NOT NULL,
          controllerStartedAt INTEGER NOT NULL,
          controllerBootID TEXT,
          fence INTEGER NOT NULL DEFAULT 1 CHECK (fence > 0),
          startedAt INTEGER NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'halted', 'aborted')),
          endedAt INTEGER,
          reason TEXT,
          CHECK ((state = 'running') = (endedAt IS NULL))
        ) STRICT;
        CREATE INDEX rolloutRunning ON rollout(id) WHERE state = 'running';

        CREATE TABLE rolloutHost (
          rolloutID INTEGER NOT NULL REFERENCES rollout(id),
          hostID INTEGER NOT NULL REFERENCES host(id),
          wave INTEGER NOT NULL CHECK (wave >= 0),
          position INTEGER NOT NULL CHECK (position >= 0),
          holds INTEGER NOT NULL CHECK (holds IN (0, 1)),
          PRIMARY KEY (rolloutID, hostID)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX oneRolloutHoldsAHost ON rolloutHost(hostID) WHERE holds = 1;

        CREATE TABLE attempt (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          rolloutID INTEGER NOT NULL,
          hostID INTEGER NOT NULL,
          number INTEGER NOT NULL CHECK (number > 0),
          state TEXT NOT NULL CHECK (state IN ('planned', 'preflight', 'canaries', 'intent',
            'sent', 'booted', 'proven', 'failed', 'inconclusive', 'skipped')),
          bootIDBefore TEXT CHECK (length(bootIDBefore) = 36),
          bootIDAfter TEXT CHECK (length(bootIDAfter) = 36 AND bootIDAfter <> bootIDBefore),
          sentAt INTEGER,
          deadline INTEGER,
          erasure TEXT CHECK (erasure IN ('erased', 'not-erased', 'unknown')),
          retention TEXT CHECK (retention IN ('kept', 'leaked', 'unknown')),
          verdictReasons TEXT CHECK (verdictReasons IS NULL OR json_valid(verdictReasons)),
          reason TEXT,
          createdAt INTEGER NOT NULL,
          updatedAt INTEGER NOT NULL,
          FOREIGN KEY (rolloutID, hostID) REFERENCES rolloutHost(rolloutID, hostID),
          UNIQUE (rolloutID, hostID, number),
          CHECK ((erasure IS NULL) = (retention IS NULL)),
          CHECK ((erasure IS NULL) = (verdictReasons IS NULL)),
          CHECK (state <> 'proven' OR (erasure IS 'erased' AND retention IS 'kept')),
          CHECK (state NOT IN ('intent', 'sent', 'booted', 'proven')
            OR (bootIDBefore IS NOT NULL AND deadline IS NOT NULL)),
          CHECK (state NOT IN ('booted', 'proven') OR bootIDAfter IS NOT NULL),
          CHECK (state NOT IN ('failed', 'inconclusive', 'skipped') OR reason IS NOT NULL)
        ) STRICT;
        CREATE UNIQUE INDEX oneOpenAttemptPerHost ON attempt(hostID)
          WHERE state NOT IN ('proven', 'failed', 'inconclusive', 'skipped');
        CREATE INDEX attemptByHost ON attempt(hostID, id);

        CREATE TABLE attemptEvent (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          attemptID INTEGER NOT NULL REFERENCES attempt(id),
          state TEXT NOT NULL,
          at INTEGER NOT NULL,
          detail TEXT NOT NULL CHECK (json_valid(detail)),
          evidenceID INTEGER NOT NULL UNIQUE REFERENCES evidence(id)
        ) STRICT;
        CREATE INDEX attemptEventByAttempt ON attemptEvent(attemptID, id);

        CREATE TABLE override (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          attemptID INTEGER NOT NULL REFERENCES attempt(id),
          at INTEGER NOT NULL,
          author TEXT NOT NULL CHECK (length(author) > 0),
          reason TEXT NOT NULL CHECK (length(reason) > 0),
          evidenceID INTEGER NOT NULL UNIQUE REFERENCES evidence(id)
        ) STRICT;

        CREATE TABLE boot (
          hostID INTEGER NOT NULL REFERENCES host(id),
          bootID TEXT NOT NULL CHECK (length(bootID) = 36),
          firstSeenAt INTEGER NOT NULL,
          lastSeenAt INTEGER NOT NULL,
          attemptID INTEGER REFERENCES attempt(id),
          erasure TEXT CHECK (erasure IN ('erased', 'not-erased', 'unknown')),
          retention TEXT CHECK (retention IN ('kept', 'leaked', 'unknown')),
          verdictReasons TEXT CHECK (verdictReasons IS NULL OR json_valid(verdictReasons)),
          judgedAt INTEGER,
          evidenceID INTEGER REFERENCES evidence(id),
          PRIMARY KEY (hostID, bootID),
          CHECK (lastSeenAt >= firstSeenAt),
          CHECK ((erasure IS NULL) = (retention IS NULL)),
          CHECK ((erasure IS NULL) = (verdictReasons IS NULL)),
          CHECK ((erasure IS NULL) = (judgedAt IS NULL)),
          CHECK ((erasure IS NULL) = (evidenceID IS NULL))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE canary (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          hostID INTEGER NOT NULL REFERENCES host(id),
          bootID TEXT NOT NULL CHECK (length(bootID) = 36),
          attemptID INTEGER REFERENCES attempt(id),
          polarity TEXT NOT NULL CHECK (polarity IN ('negative', 'positive')),
          mount TEXT NOT NULL,
          path TEXT NOT NULL,
          token TEXT NOT NULL CHECK (length(token) >= 16),
          plantedAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX canaryByHost ON canary(hostID, bootID);

        CREATE TABLE stopFlag (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          scope TEXT NOT NULL CHECK (scope IN ('fleet', 'group', 'host')),
          name TEXT NOT NULL,
          reason TEXT NOT NULL CHECK (length(reason) > 0),
          author TEXT NOT NULL CHECK (length(author) > 0),
          createdAt INTEGER NOT NULL,
          expiresAt INTEGER,
          removedAt INTEGER,
          removedBy TEXT,
          CHECK ((scope = 'fleet') = (name = '')),
          CHECK (expiresAt > createdAt),
          CHECK ((removedAt IS NULL) = (removedBy IS NULL))
        ) STRICT;
        """

    private static let schedule = """
        CREATE TABLE schedule (
          name TEXT NOT NULL PRIMARY KEY,
          knownSince INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- A row is written before anything is done in the opening, so that none is taken twice.
        CREATE TABLE scheduleSlot (
          schedule TEXT NOT NULL,
          opensAt INTEGER NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('claimed', 'done', 'interrupted', 'missed')),
          recordedAt INTEGER NOT NULL,
          rolloutID INTEGER REFERENCES rollout(id),
          PRIMARY KEY (schedule, opensAt)
        ) STRICT, WITHOUT ROWID;

        -- Agents outside Ebb that hold a slot of a group (FleetLock); no time frees them.
        CREATE TABLE lockHolder (
          groupName TEXT NOT NULL CHECK (length(groupName) BETWEEN 1 AND 64),
          id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
          since INTEGER NOT NULL,
          PRIMARY KEY (groupName, id)
        ) STRICT, WITHOUT ROWID;
        """

    private static let compliance = """
        ALTER TABLE collection ADD COLUMN safeSnapshots TEXT
          CHECK (safeSnapshots IS NULL OR json_valid(safeSnapshots));
        ALTER TABLE collection ADD COLUMN eraseGuard TEXT
          CHECK (eraseGuard IS NULL OR eraseGuard IN ('fails-closed', 'fails-open'));

        -- What a trend adds up, so that a year of a fleet is read without its pages.
        ALTER TABLE collection ADD COLUMN unexplainedPaths INTEGER;
        ALTER TABLE collection ADD COLUMN leakedPaths INTEGER;
        UPDATE collection SET
          unexplainedPaths = coalesce(counts ->> '$.paths.unexplained', 0),
          leakedPaths = coalesce(counts ->> '$.paths.leaked', 0)
          WHERE state = 'judged';
        CREATE INDEX collectionTrend
          ON collection(hostID, state, observedAt, id, unexplainedPaths, leakedPaths);

        -- From when on the past is whole: what was known before cannot be told any more.
        CREATE TABLE pruning (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          before INTEGER NOT NULL,
          prunedAt INTEGER NOT NULL
        ) STRICT;

        CREATE INDEX evidenceOfStops ON evidence(detail ->> '$.flag', id) WHERE kind = 'stop';
        """

    private static let reboots = """
        -- What a rollout calls itself on its hosts, beside its number: no other database has it.
        ALTER TABLE rollout ADD COLUMN lease TEXT NOT NULL DEFAULT '';
        CREATE TABLE abortRequest (
          rolloutID INTEGER PRIMARY KEY REFERENCES rollout(id),
          at INTEGER NOT NULL,
          author TEXT NOT NULL CHECK (length(author) > 0),
          reason TEXT NOT NULL CHECK (length(reason) > 0),
          evidenceID INTEGER NOT NULL UNIQUE REFERENCES evidence(id)
        ) STRICT;
        """

    private static let onboarding = """
        -- The journal of moving a host over, one row an event. Two controllers that write the same
        -- ordinal meet here, and the later one fails before it does anything.
        CREATE TABLE onboardingEvent (
          hostID INTEGER NOT NULL REFERENCES host(id),
          run INTEGER NOT NULL CHECK (run > 0),
          ordinal INTEGER NOT NULL CHECK (ordinal > 0),
          at INTEGER NOT NULL,
          event TEXT NOT NULL CHECK (json_valid(event)),
          PRIMARY KEY (hostID, run, ordinal)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER onboardingEventIsNeverChanged BEFORE UPDATE ON onboardingEvent
          BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER onboardingEventIsNeverRemoved BEFORE DELETE ON onboardingEvent
          BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

        -- What makes a blank that very blank; a row is kept when the blank is forgotten.
        CREATE TABLE blank (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          hostID INTEGER NOT NULL REFERENCES host(id),
          name TEXT NOT NULL CHECK (length(name) > 0),
          guid TEXT NOT NULL CHECK (length(guid) > 0),
          createdAt INTEGER NOT NULL,
          recordedAt INTEGER NOT NULL,
          forgottenAt INTEGER,
          CHECK (forgottenAt >= recordedAt)
        ) STRICT;
        CREATE UNIQUE INDEX blankInForce ON blank(hostID, name) WHERE forgottenAt IS NULL;
        """

    private static let longHistories = """
        -- What was open at a time, and what was never judged, found without reading years of rows.
        CREATE INDEX driftClosedByEnd ON driftClosed(hostID, closedID);
        CREATE INDEX collectionNotJudged ON collection(id) WHERE state = 'recorded';
        """
}
