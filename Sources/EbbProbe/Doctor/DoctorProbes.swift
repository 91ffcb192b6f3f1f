package import EbbModel

/// The questions of `ebb doctor` that are asked on the host, and the reading of their answers.
package enum DoctorProbes {
    static let root = "doctor-root"
    static let tools = "doctor-tools"

    /// All of them, for a host with this strategy.
    package static func all(_ strategy: Strategy?) -> [ProbeScript.Probe] {
        [
            .init(name: root, command: RemoteCommand("id", "-u")),
            .init(
                name: tools,
                shell: HostScript(PackageResources.doctor_tools_sh, values: ["strategy": strategy?.rawValue ?? ""])),
        ]
    }

    /// Whether the script ran as root.
    package static func isRoot(_ report: ProbeReport) -> DoctorCheck {
        do throws(ProbeGap) {
            let user = try report.line(of: root)
            if user == "0" { return DoctorCheck(.root, .passed, "commands run as root") }
            return DoctorCheck(
                .root, .failed, "commands run as user \(user)", cure: "log in as root, or set ansible_become: true")
        } catch { return DoctorCheck(.root, .unknown, error.message) }
    }

    /// Whether the host has the programs that collecting needs.
    package static func hasTools(_ report: ProbeReport) -> DoctorCheck {
        do throws(ProbeGap) {
            let missing = try report.line(of: tools)
            if missing.isEmpty { return DoctorCheck(.tools, .passed, "all tools are there") }
            return DoctorCheck(
                .tools, .failed, "missing, or not the GNU one: \(missing)",
                cure: "install findutils, coreutils and the file system's own tools")
        } catch { return DoctorCheck(.tools, .unknown, error.message) }
    }
}
