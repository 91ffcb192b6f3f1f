// EbbDashboard: shows what Ebb knows to browsers, scrapers and update agents, and changes no host.
//
// `FleetReader` reads the store into a `FleetSnapshot`; pages are pure functions from a snapshot to
// `HTML`, a type into which no text gets unescaped; the server adds authentication and headers.
// Pages need no script. The module links no transport: the process can reach no host and holds no key.
