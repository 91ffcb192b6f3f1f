package import EbbModel
package import EbbProbe

/// What `zfs get` says of a host's pools.
package struct ZFSState: Hashable, Sendable {
    /// A property's value and where it comes from (`local`, `default`, `inherited from …`, `-`).
    package struct Property: Hashable, Sendable {
        package let value: String
        package let source: String

        package init(value: String, source: String) { (self.value, self.source) = (value, source) }
    }

    /// Everything that was asked, by full name (`pool/set`, `pool/set@snapshot`) and property.
    package let entries: [String: [String: Property]]

    package init(entries: [String: [String: Property]]) { self.entries = entries }

    /// Properties that every plan needs.
    static let always = [
        "type", "guid", "createtxg", "userrefs", "clones", "creation", "referenced", "mounted", "mountpoint",
        "canmount", "com.sun:auto-snapshot",
    ]

    /// The probe's name.
    package static let probeName = "zfs-datasets"

    /// Asks for all datasets, snapshots and bookmarks of the host.
    package static func probe(for declared: [DatasetSettings], limit: Int = 120) -> ProbeScript.Probe {
        let wanted = Set(declared.flatMap(\.properties.keys)).subtracting(always)
        let properties = (always + wanted.sorted()).joined(separator: ",")
        return ProbeScript.Probe(
            name: probeName,
            command: RemoteCommand(
                "zfs", "get", "-Hp", "-o", "name,property,value,source", "-t", "filesystem,volume,snapshot,bookmark",
                properties), limit: limit)
    }

    /// Reads the probe's output; throws where a row is not of four fields.
    package init(parsing output: [UInt8]) throws(ProbeGap) {
        var entries: [String: [String: Property]] = [:]
        for row in output.split(separator: UInt8(ascii: "\n")) {
            let fields = row.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            guard fields.count == 4 else {
                throw ProbeGap(
                    probe: Self.probeName, reason: .unparseable,
                    message: "a row of zfs get has \(fields.count) fields, not four")
            }
            entries[fields[0], default: [:]][fields[1]] = Property(value: fields[2], source: fields[3])
        }
        self.entries = entries
    }

    /// A property's value; `nil` when it is not set or the dataset is not there.
    package func value(_ name: String, _ property: String) -> String? {
        guard let value = entries[name]?[property]?.value, value != "-" else { return nil }
        return value
    }

    /// The snapshots of one dataset, oldest first.
    package func snapshots(of dataset: String) -> [String] {
        entries.keys.filter { $0.hasPrefix(dataset + "@") }.sorted { (transaction($0), $0) < (transaction($1), $1) }
    }

    /// The transaction group in which something was created.
    package func transaction(_ name: String) -> Int64 { value(name, "createtxg").flatMap { Int64($0) } ?? 0 }
}
