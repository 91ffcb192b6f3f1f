extension Schema {
    /// Whose a canary is, which machine a slot and a storage belong to, and what a person accepted of both.
    static let identity = """
        -- Which database this is, for good: tokens on hosts say so.
        CREATE TABLE controller (
          id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 16)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO controller VALUES (lower(hex(randomblob(8))));

        -- 1: read back from the host; 0: nobody knows; NULL: left by an Ebb that did not note it.
        ALTER TABLE canary ADD COLUMN planted INTEGER CHECK (planted IN (0, 1));
        CREATE INDEX canaryByToken ON canary(token);

        -- The limits that the slot counts in, whatever becomes of the inventory: a JSON list of names.
        ALTER TABLE slot ADD COLUMN limits TEXT CHECK (limits IS NULL OR json_valid(limits));

        -- Which storage holds a declared path. What was only found counts for nothing until a person accepts it;
        -- of the others, recorded by a proof or accepted, the newest counts.
        CREATE TABLE storageMark (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          hostID INTEGER NOT NULL REFERENCES host(id),
          path TEXT NOT NULL CHECK (length(path) > 0),
          mark TEXT NOT NULL CHECK (json_valid(mark)),
          isFound INTEGER NOT NULL CHECK (isFound IN (0, 1)),
          at INTEGER NOT NULL,
          evidenceID INTEGER NOT NULL REFERENCES evidence(id)
        ) STRICT;
        CREATE INDEX storageMarkByHost ON storageMark(hostID, path, id);
        CREATE TRIGGER storageMarkIsNeverChanged BEFORE UPDATE ON storageMark
          BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
        CREATE TRIGGER storageMarkIsNeverRemoved BEFORE DELETE ON storageMark
          BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;

        -- What a person accepted of a host; `marks` are those that it has from then on.
        CREATE TABLE hostAcceptance (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          hostID INTEGER NOT NULL REFERENCES host(id),
          subject TEXT NOT NULL CHECK (subject IN ('storage', 'machine')),
          marks TEXT NOT NULL CHECK (json_valid(marks)),
          at INTEGER NOT NULL,
          author TEXT NOT NULL CHECK (length(author) > 0),
          reason TEXT NOT NULL CHECK (length(reason) > 0),
          evidenceID INTEGER NOT NULL UNIQUE REFERENCES evidence(id)
        ) STRICT;
        CREATE INDEX hostAcceptanceByHost ON hostAcceptance(hostID, subject, id);
        CREATE TRIGGER hostAcceptanceIsNeverChanged BEFORE UPDATE ON hostAcceptance
          BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
        CREATE TRIGGER hostAcceptanceIsNeverRemoved BEFORE DELETE ON hostAcceptance
          BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END;
        """
}
