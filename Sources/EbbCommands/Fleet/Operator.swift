import EbbLocal
import Glibc

/// The person who runs Ebb, as records name them.
enum Operator {
    /// The user behind `sudo` where there is one, else the user of the process.
    static var name: String {
        if let name = ProcessVariable.named("SUDO_USER") { return name }
        if let entry = getpwuid(getuid()), let name = entry.pointee.pw_name { return String(cString: name) }
        return "uid \(getuid())"
    }
}
