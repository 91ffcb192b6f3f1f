package import EbbModel

/// Looks at a rebooted host from outside: the way to check gates that no command on it can.
package struct OutsideGates: Sendable {
    /// Why the gate is not met; `nil` when it is.
    package let problem: @Sendable (HealthGate, ConnectionSettings, Duration) async -> String?

    package init(problem: @escaping @Sendable (HealthGate, ConnectionSettings, Duration) async -> String?) {
        self.problem = problem
    }

    /// Meets no gate: for work that has nothing to do with reboots.
    package static let unavailable = OutsideGates { gate, _, _ in "\(gate): nothing here can look at it from outside" }
}
