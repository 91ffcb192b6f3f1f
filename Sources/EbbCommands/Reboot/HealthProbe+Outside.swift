import EbbEngine
import EbbLocal

extension HealthProbe {
    /// The engine's way to look at hosts from outside.
    static let outside = OutsideGates { gate, host, limit in
        await problem(gate, of: host, within: limit)
    }
}
