// EbbStore: what Ebb remembers, in one SQLite database.
//
// The store has verbs, each one transaction; the schema carries the invariants; SQL and records stay
// inside. It decides nothing about hosts: it keeps what was seen (evidence, hash-chained), what was
// concluded (drift as intervals, verdicts), what is being done (the journal of reboots) and who said
// so (overrides, stop flags). It knows of no network, no inventory file and no output format.
