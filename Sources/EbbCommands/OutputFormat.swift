import ArgumentParser

/// How a command prints what it found.
package enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// For people.
    case table
    /// One versioned document.
    case json
    /// One versioned record per line.
    case ndjson
    case csv
    case findingsCSV = "findings-csv"
    case markdown
    case html
    case junit
    /// Prometheus and OpenMetrics text.
    case metrics
    case sarif
    case oscal
}

/// Whether output is colored.
package enum ColorChoice: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// On a terminal, unless `NO_COLOR` is set.
    case auto
    case always
    case never
}
