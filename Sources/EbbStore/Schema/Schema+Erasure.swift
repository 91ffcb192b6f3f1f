extension Schema {
    /// What tells a canary from a copy of it, and a blank from one that was changed in place.
    static let erasure = """
        ALTER TABLE canary ADD COLUMN file TEXT CHECK (file IS NULL OR json_valid(file));
        ALTER TABLE observation ADD COLUMN blankState TEXT CHECK (blankState IS NULL OR json_valid(blankState));
        """
}
