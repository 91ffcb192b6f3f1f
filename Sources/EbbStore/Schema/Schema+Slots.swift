extension Schema {
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
}
