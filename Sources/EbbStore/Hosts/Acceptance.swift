package import EbbModel
package import FoundationEssentials
import GRDB

/// A person's decision about what a host is, as it is stored.
package struct StoredAcceptance: Sendable, Hashable {
    package let host: HostName
    package let subject: HostSubject
    package let marks: [AcceptedMark]
    package let at: Date
    package let author: String
    package let reason: String
    package let evidence: EvidenceID
}

/// The storage of one declared path.
package struct StoredStorage: Sendable, Hashable {
    /// The one on record; `nil`: no proof found any yet.
    package var known: StorageMark?
    /// Another one, which the last judged boot found.
    package var found: StorageMark?
}

/// Declared content that is not as on record in one boot.
package struct OpenContent: Sendable, Hashable {
    /// What the boot harmed, or nobody knows whether it did, and nobody has accepted.
    package var findings: [CensusFinding] = []
    /// Paths on another storage, which a person has accepted: what is on it, nobody has looked at since.
    package var onAcceptedStorage: [CensusFinding] = []

    /// What stands for a path in the finding that something is missing, and nobody knows below which path.
    package static let storage = "persistent storage"

    /// The rollout that ordered the boot, and whose attempt nobody has decided about.
    package var undecidedAttempt: RolloutID?

    /// The commands with which a person accepts it.
    package func commands(on host: HostName) -> String {
        onAcceptedStorage.isEmpty
            ? findings.commands(on: host)
            : (findings + onAcceptedStorage.map { CensusFinding($0.path, .lost, $0.message) }).commands(on: host)
    }

    /// What may have happened before the boot as well.
    package var undecided: [CensusFinding] { findings.filter(\.isUndecided) }
    /// Whether everything is as on record, or was accepted.
    package var isEmpty: Bool { findings.isEmpty && onAcceptedStorage.isEmpty }
}

extension Store {
    /// The storage of each declared path of a host, on record and as the last judged boot found it.
    package func storage(of host: HostName) async throws(StoreError) -> [String: StoredStorage] {
        try await read(of: host, none: [:]) { db, hostID in try StorageTable.all(hostID, in: db) }
    }

    /// Notes which storage a judged boot, or who adopted them, found below declared paths.
    ///
    /// What a proof or an adoption finds first is on record from then on. Another one than that waits for a person.
    package func recordStorage(host: HostName, _ marks: [String: StorageMark], isProven: Bool, at: Date)
        async throws(StoreError)
    {
        let known = try await storage(of: host)
        let new = marks.reduce(into: [String: StorageMark]()) { new, found in
            let (path, mark) = found
            guard let stored = known[path], let on = stored.known else {
                if isProven { new[path] = mark }
                return
            }
            // One of which more is known than before stays what it is; a proof writes that down.
            let whole = mark.adding(on)
            if mark.difference(from: on) == nil {
                if stored.found != nil || isProven && whole != on { new[path] = whole }
            } else if stored.found != mark {
                new[path] = mark
            }
        }
        guard !new.isEmpty else { return }
        try await write { db in
            let evidence = try EvidenceChain.append(
                .identity, host: host, at: at, detail: new.mapValues(\.text).merging(["event": "storage"]) { $1 },
                in: db)
            let hostID = try db.id(of: host)
            for (path, mark) in new.sorted(by: { $0.key < $1.key }) {
                let isOther = known[path]?.known.map { mark.difference(from: $0) != nil } ?? false
                try StorageTable.insert(hostID, path, mark, isFound: isOther, at: at, evidence, in: db)
            }
        }
    }

    /// What of a host's declared content is not as on record in a boot; without one, in the one first seen last.
    package func openContent(of host: HostName, in boot: BootID? = nil) async throws(StoreError) -> OpenContent {
        try await read(of: host, none: OpenContent()) { db, hostID in
            let found =
                try boot.map {
                    try BootTable.boots(db, "WHERE hostID = ? AND bootID = ?", arguments: [hostID, $0.text])
                }?.first ?? (boot == nil ? BootTable.newest(of: hostID, in: db) : nil)
            var open = try found.map { try ContentTable.open($0, hostID, in: db) } ?? OpenContent()
            for other in try ContentTable.ofOtherNames(host, hostID, in: db) {
                open.findings += other.open.findings.map { finding in
                    CensusFinding(
                        finding.path, finding.state, "seen as \(other.name): \(finding.message)",
                        isUndecided: finding.isUndecided, asked: finding.asked)
                }
            }
            return open
        }
    }

    /// Records that a person accepts what a host is now; throws `notFound` where nothing waits for that.
    package func accept(_ subject: HostSubject, of host: HostName, author: String, reason: String, at: Date)
        async throws(StoreError) -> StoredAcceptance
    {
        try await write { db in
            guard let hostID = try db.find(host) else {
                throw StoreError(.notFound, host: host, "nothing is known of it in this database")
            }
            let marks: [AcceptedMark]
            let json: String
            let newest = subject == .machine ? nil : try BootTable.newest(of: hostID, in: db)
            var storage: [(String, StorageMark)] = []
            var others: [ContentTable.OtherName] = []
            switch subject {
            case .storage:
                let waiting = try StorageTable.all(hostID, in: db).sorted { $0.key < $1.key }
                storage = waiting.compactMap { path, stored in stored.found.map { (path, $0) } }
                marks = waiting.compactMap { path, stored in
                    stored.found.map { AcceptedMark(name: path, old: stored.known?.text, new: $0.text) }
                }
                json = try StoredJSON.text(of: Dictionary(storage, uniquingKeysWith: { $1 }))
            case .machine:
                let machines = try MachineTable.machines(in: db)
                let own = machines.marks[host] ?? MachineMarks()
                marks = machines.others(of: host, .unclear).flatMap { other in
                    let theirs = machines.marks[other]?.named ?? []
                    return own.named.map { mark in
                        AcceptedMark(
                            name: mark.name, old: theirs.first { $0.name == mark.name }?.value, new: mark.value,
                            beside: other)
                    }
                }
                json = try StoredJSON.text(of: own)
            case .content:
                let open = try newest.map { try ContentTable.open($0, hostID, in: db) } ?? OpenContent()
                if let attempt = open.undecidedAttempt {
                    throw StoreError(
                        .notFound, host: host,
                        "it is not decided how its reboot ended: `ebb reboot override \(attempt.value) \(host)` decides "
                            + "about its content as well")
                }
                if !open.findings.isEmpty, open.findings.allSatisfy(\.isOnOtherStorage) {
                    throw StoreError(
                        .notFound, host: host,
                        "its declared paths lie on another storage than the one on record, and nobody knows what "
                            + "that one should hold: `ebb host accept \(host) storage` comes first")
                }
                others = try ContentTable.ofOtherNames(host, hostID, in: db).filter { !$0.open.findings.isEmpty }
                marks = (open.findings.filter { !$0.isOnOtherStorage } + open.onAcceptedStorage).map {
                    AcceptedMark(name: $0.path, old: nil, new: $0.message)
                }
                json = try StoredJSON.text(of: Dictionary(marks.map { ($0.name, $0.new) }, uniquingKeysWith: { $1 }))
            }
            guard !marks.isEmpty || !others.isEmpty else {
                let words =
                    switch subject {
                    case .storage: "no judged boot found another storage than the one on record"
                    case .machine: "its identity is not in doubt"
                    case .content: "no declared content is waiting for a decision"
                    }
                throw StoreError(.notFound, host: host, "there is nothing to accept: \(words)")
            }
            func record(_ host: HostName, _ hostID: Int64, _ boot: BootID?, _ marks: [AcceptedMark], _ json: String)
                throws -> EvidenceID
            {
                let evidence = try EvidenceChain.append(
                    .identity, host: host, at: at, bootID: boot,
                    detail: AcceptanceDetail(accepted: subject, author: author, reason: reason, marks: marks), in: db)
                try db.insert(
                    "INTO hostAcceptance",
                    [
                        "hostID": hostID, "subject": subject.rawValue, "marks": json, "at": at.milliseconds,
                        "author": author, "reason": reason, "evidenceID": evidence.value,
                    ])
                return evidence
            }
            var evidence: EvidenceID?
            if !marks.isEmpty { evidence = try record(host, hostID, newest?.bootID, marks, json) }
            if let evidence {
                for (path, mark) in storage {
                    try StorageTable.insert(hostID, path, mark, isFound: false, at: at, evidence, in: db)
                }
            }
            var accepted = marks
            // What was seen under another name of the machine is on that name's record.
            for other in others {
                let marks = other.open.findings.map { AcceptedMark(name: $0.path, old: nil, new: $0.message) }
                let json = try StoredJSON.text(
                    of: Dictionary(marks.map { ($0.name, $0.new) }, uniquingKeysWith: { $1 }))
                let row = try record(other.name, other.id, other.boot, marks, json)
                evidence = evidence ?? row
                accepted += marks.map { AcceptedMark(name: $0.name, old: nil, new: $0.new, beside: other.name) }
            }
            guard let evidence else { throw StoreError(.corrupt, host: host, "an acceptance left no evidence") }
            return StoredAcceptance(
                host: host, subject: subject, marks: accepted, at: at, author: author, reason: reason,
                evidence: evidence)
        }
    }
}

/// What an acceptance's row in the evidence chain says.
struct AcceptanceDetail: Codable {
    let accepted: HostSubject
    let author: String
    let reason: String
    let marks: [AcceptedMark]

    /// Whether a row of the table says the same; marks that cannot be read do not.
    func isRow(_ row: Row) -> Bool {
        guard row["subject"] == accepted.rawValue, row["author"] == author, row["reason"] == reason else {
            return false
        }
        let text: String = row["marks"]
        let new: Set<[String]>?
        switch accepted {
        case .storage:
            let stored = try? StoredJSON.value([String: StorageMark].self, from: text)
            new = stored.map { Set($0.map { [$0.key, $0.value.text] }) }
        case .machine:
            let stored = try? StoredJSON.value(MachineMarks.self, from: text)
            new = stored.map { Set($0.named.map { [$0.name, $0.value] }) }
        case .content:
            let stored = try? StoredJSON.value([String: String].self, from: text)
            new = stored.map { Set($0.map { [$0.key, $0.value] }) }
        }
        return new == Set(marks.map { [$0.name, $0.new] })
    }
}

/// Reads what a person accepted of the content of declared paths.
private enum ContentTable {
    /// What is not as on record in that boot, without what somebody has accepted.
    static func open(_ boot: StoredBoot, _ hostID: Int64, in db: Database) throws -> OpenContent {
        guard let verdict = boot.verdict else { return OpenContent() }
        var found = verdict.census?.filter(\.isOpen) ?? []
        let attempt = try boot.attempt.map { try AttemptTable.one($0, in: db) }
        if found.isEmpty, verdict.retention == .leaked || verdict.retention == .lost {
            // A storage that went back to an earlier state, say: no path's content tells what is missing.
            let message = attempt?.lastEvent.detail["message"] ?? verdict.reasons.joined(separator: "; ")
            found = [CensusFinding(OpenContent.storage, .unknown, message)]
        }
        if found.isEmpty || attempt?.override != nil { return OpenContent() }
        func accepted(_ subject: HostSubject) throws -> Set<String> {
            let texts = try String.fetchAll(
                db,
                sql: """
                    SELECT marks FROM hostAcceptance JOIN evidence ON evidence.id = evidenceID
                    WHERE hostAcceptance.hostID = ? AND subject = ? AND bootID = ?
                    """, arguments: [hostID, subject.rawValue, boot.bootID.text])
            return try texts.reduce(into: []) { paths, text in
                try paths.formUnion(StoredJSON.value([String: AnyMark].self, from: text).keys)
            }
        }
        let (content, storage) = (try accepted(.content), try accepted(.storage))
        var open = OpenContent()
        if let attempt, attempt.state == .inconclusive { open.undecidedAttempt = attempt.rollout }
        for finding in found where !content.contains(finding.path) {
            if finding.isOnOtherStorage, storage.contains(finding.path) {
                open.onAcceptedStorage.append(finding)
            } else {
                open.findings.append(finding)
            }
        }
        return open
    }

    /// Another name of a machine, under which content was last seen that is not as on record.
    struct OtherName {
        let name: HostName
        let id: Int64
        let boot: BootID
        let open: OpenContent
    }

    /// What is open of a machine under the other names that it has, or had.
    static func ofOtherNames(_ host: HostName, _ hostID: Int64, in db: Database) throws -> [OtherName] {
        // Most machines share no mark with any other: that is asked first.
        let shared = try Row.fetchOne(
            db,
            sql: """
                SELECT 1 FROM identity WHERE hostID <> ?1 AND kind IN ('machine-id', 'host-key', 'board-serial')
                AND value IN (SELECT value FROM identity WHERE hostID = ?1)
                """, arguments: [hostID])
        guard shared != nil else { return [] }
        return try MachineTable.machines(in: db).others(of: host, .same).compactMap { name in
            guard let id = try db.find(name), let boot = try BootTable.newest(of: id, in: db) else { return nil }
            let open = try open(boot, id, in: db)
            return open.findings.isEmpty ? nil : OtherName(name: name, id: id, boot: boot.bootID, open: open)
        }
    }

    /// What was accepted of a path, whose name alone is asked for.
    private struct AnyMark: Decodable { init(from decoder: any Decoder) {} }
}

/// Reads and writes the storage of declared paths.
private enum StorageTable {
    static func all(_ hostID: Int64, in db: Database) throws -> [String: StoredStorage] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT path, mark, isFound FROM storageMark WHERE hostID = ? ORDER BY id", arguments: [hostID])
        var all: [String: StoredStorage] = [:]
        for row in rows {
            let mark: StorageMark = try row.json("mark")
            let path: String = row["path"]
            // A storage on record ends what was found before.
            if row["isFound"] {
                all[path, default: StoredStorage()].found = mark
            } else {
                all[path] = StoredStorage(known: mark)
            }
        }
        return all
    }

    static func insert(
        _ hostID: Int64, _ path: String, _ mark: StorageMark, isFound: Bool, at: Date, _ evidence: EvidenceID,
        in db: Database
    ) throws {
        try db.insert(
            "INTO storageMark",
            [
                "hostID": hostID, "path": path, "mark": try StoredJSON.text(of: mark), "isFound": isFound,
                "at": at.milliseconds, "evidenceID": evidence.value,
            ])
    }
}
