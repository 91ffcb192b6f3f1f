import Glibc

/// What the environment of this process says.
package enum ProcessVariable {
    /// A variable that is set and not empty.
    package static func named(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// The home of whoever runs Ebb.
    package static var home: String { named("HOME") ?? "/root" }
}
