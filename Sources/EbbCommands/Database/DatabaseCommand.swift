import ArgumentParser
import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// `ebb database`: care of the file that holds the evidence.
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database", abstract: "Checks, copies, prunes and verifies the database.",
        subcommands: [
            DatabaseCheckCommand.self, DatabaseVerifyCommand.self, DatabaseBackupCommand.self,
            DatabasePruneCommand.self,
        ]
    ).example("ebb database verify")
}

/// `ebb database check`: whether SQLite finds the file sound.
struct DatabaseCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "check", abstract: "Checks the file for corruption.")
        .example("ebb database check")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let check = try await options.store(.existing).check()
        var text = "\(options.databasePath): \(ByteCount.text(check.size)), "
        text += "\(ByteCount.text(check.free)) of it free\n"
        for (table, rows) in check.rows.sorted(by: { $0.key < $1.key }) where rows > 0 {
            text += "  \(table): \(rows)\n"
        }
        for problem in check.problems { text += "problem: \(PrintableText.line(problem))\n" }
        if check.problems.isEmpty { text += "sound\n" }
        try options.results.write(text)
        if !check.problems.isEmpty { try ExitStatus.findings.leave() }
    }
}

/// `ebb database verify`: whether the evidence is as it was written.
struct DatabaseVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Finds any later edit of the evidence.",
        discussion: "Exit status 3 when a row is not what was written."
    ).example("ebb database verify --format json")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let format = try options.format(among: [.table, .json])
        let report = try await options.store(.existing).verifyChain()
        let faults = report.faults.map { ["row": .count($0.evidence.value), "message": .string($0.message)] as JSON }
        let document: JSON = [
            "schema": "ebb.chain/1", "intact": .bool(report.isIntact), "length": .count(report.length),
            "head": .string(report.head), "prunedParts": .count(report.prunedParts), "faults": .array(faults),
        ]
        try options.results.write(as: format, json: document) { _, _ in
            "chain of \(report.length) rows, head \(report.head)\n"
                + report.faults.map { "row \($0.evidence.value): \(PrintableText.line($0.message))\n" }.joined()
                + Self.conclusion(report.faults.first.map(\.evidence.value))
        }
        if !report.isIntact { try ExitStatus.findings.leave() }
    }

    private static func conclusion(_ firstBad: Int64?) -> String {
        guard let firstBad else { return "intact\n" }
        return "not intact: the evidence was changed after it was written, first at row \(firstBad); keep this file, "
            + "and compare it with a backup\n"
    }
}

/// `ebb database backup`: a consistent copy while others work.
struct DatabaseBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Writes a consistent copy, whole or not at all."
    ).example("ebb database backup /srv/backup/ebb.sqlite")

    @Argument(help: "The file to write.") var file: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let store = try options.store(.existing)
        do throws(StoreError) { try await store.backup(to: file) } catch {
            throw Failure(
                .toolFailure, error.message, hint: "name a file; its directory must exist and have room",
                cause: error.cause)
        }
        options.notes.note("wrote \(file)")
    }
}

/// `ebb database prune`: forgets old raw output that no verdict rests on.
struct DatabasePruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Deletes old raw output that no verdict depends on.",
        discussion: "The evidence chain still verifies afterwards: digests stay."
    ).example("ebb database prune --older-than 180d")

    @Option(help: "How old it must be, such as 180d.") var olderThan: SpanArgument

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let before = Date().addingTimeInterval(-Double(olderThan.seconds))
        let report = try await options.store(.existing).prune(before: before)
        try options.results.write(
            "deleted \(report.parts) pieces of raw output (\(ByteCount.text(report.bytes))) and "
                + "\(report.intervals) closed intervals\n")
    }
}
