import EbbModel
import FoundationEssentials
import GRDB

/// Reads the table of stop flags.
enum StopFlagTable {
    static func flag(_ row: Row) throws -> StopFlag {
        let name: String = row["name"]
        let scope: StopFlag.Scope =
            switch row["scope"] as String {
            case "fleet": .fleet
            case "group": .group(name)
            default: .host(try HostTable.name(name))
            }
        return StopFlag(
            scope: scope, reason: row["reason"], author: row["author"],
            setAt: Date(milliseconds: row["createdAt"]),
            expiresAt: (row["expiresAt"] as Int64?).map { Date(milliseconds: $0) })
    }
}
