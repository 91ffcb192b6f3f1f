extension Schema {
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
