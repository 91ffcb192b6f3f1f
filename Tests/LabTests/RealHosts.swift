import Testing

/// Everything that needs the four hosts of the lab; one test at a time, because they share them.
@Suite(.serialized) enum RealHosts {}
