import EbbModel
package import EbbProbe

/// Carries out the commands of a `DatasetPlan`, and stops at the first that fails.
package struct DatasetScript: Hashable, Sendable {
    /// The probe's name.
    package static let probeName = "datasets-apply"

    /// The commands as one probe.
    ///
    /// Every command that ended well is followed by a line with its number, counted from 1.
    package static func probe(_ plan: DatasetPlan, limit: Int = 1800) -> ProbeScript.Probe {
        let script = HostScript(PackageResources.run_commands_sh, words: plan.commands.map(\.shellLine))
        return ProbeScript.Probe(name: probeName, shell: script, limit: limit)
    }

    /// How many commands ended well, as the output tells.
    package static func done(_ output: [UInt8]) -> Int { output.split(separator: UInt8(ascii: "\n")).count }
}
