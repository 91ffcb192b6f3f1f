extension Schema {
    /// A person may also accept the content that a boot was found with.
    ///
    /// Only a check changes, and no row, as in `census`.
    static let content = """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = replace(sql,
            'subject IN (''storage'', ''machine'')', 'subject IN (''storage'', ''machine'', ''content'')')
          WHERE type = 'table' AND name = 'hostAcceptance';
        PRAGMA writable_schema = RESET;
        """
}
