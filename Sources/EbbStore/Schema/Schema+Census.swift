extension Schema {
    /// What became of the content of declared paths, and the two ways in which a boot can keep nothing.
    ///
    /// Only checks change, and no row: SQLite's documented way for that is to edit the text of the table,
    /// which needs no copy of it.
    static let census = """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = replace(replace(sql,
            'retention IN (''kept'', ''leaked'', ''unknown'')',
            'retention IN (''kept'', ''leaked'', ''lost'', ''not-applicable'', ''unknown'')'),
            'retention IS ''kept''', 'retention IN (''kept'', ''not-applicable'')')
          WHERE type = 'table' AND name IN ('attempt', 'boot');
        PRAGMA writable_schema = RESET;
        ALTER TABLE attempt ADD COLUMN census TEXT CHECK (census IS NULL OR json_valid(census));
        ALTER TABLE boot ADD COLUMN census TEXT CHECK (census IS NULL OR json_valid(census));
        CREATE INDEX evidenceByBoot ON evidence(hostID, bootID, id) WHERE bootID IS NOT NULL;
        """
}
