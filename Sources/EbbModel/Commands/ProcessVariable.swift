import FoundationEssentials

/// What the environment of this process says; the only place that reads it.
package enum ProcessVariable {
    /// A variable that is set and not empty.
    package static func named(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The home of whoever runs Ebb.
    package static var home: String { named("HOME") ?? "/root" }
}
