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

    /// Declared content that is not as on record in a boot, of which nobody knows whether the boot did it, as long
    /// as nobody has accepted it; without a boot, in the one that was first seen last.
    package func undecidedContent(of host: HostName, in boot: BootID? = nil) async throws(StoreError) -> [CensusFinding]
    {
        try await read(of: host, none: []) { db, hostID in
            let found =
                try boot.map {
                    try BootTable.boots(db, "WHERE hostID = ? AND bootID = ?", arguments: [hostID, $0.text])
                }?.first ?? (boot == nil ? BootTable.newest(of: hostID, in: db) : nil)
            return try found.map { try ContentTable.undecided($0, hostID, in: db) } ?? []
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
            var boot: BootID?
            var storage: [(String, StorageMark)] = []
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
                let newest = try BootTable.newest(of: hostID, in: db)
                boot = newest?.bootID
                let open = try newest.map { try ContentTable.undecided($0, hostID, in: db) } ?? []
                marks = open.map { AcceptedMark(name: $0.path, old: nil, new: $0.message) }
                json = try StoredJSON.text(of: Dictionary(open.map { ($0.path, $0.message) }, uniquingKeysWith: { $1 }))
            }
            guard !marks.isEmpty else {
                let words =
                    switch subject {
                    case .storage: "no judged boot found another storage than the one on record"
                    case .machine: "its identity is not in doubt"
                    case .content: "no declared content is waiting for a decision"
                    }
                throw StoreError(.notFound, host: host, "there is nothing to accept: \(words)")
            }
            let evidence = try EvidenceChain.append(
                .identity, host: host, at: at, bootID: boot,
                detail: AcceptanceDetail(accepted: subject, author: author, reason: reason, marks: marks), in: db)
            for (path, mark) in storage {
                try StorageTable.insert(hostID, path, mark, isFound: false, at: at, evidence, in: db)
            }
            try db.insert(
                "INTO hostAcceptance",
                [
                    "hostID": hostID, "subject": subject.rawValue, "marks": json, "at": at.milliseconds,
                    "author": author, "reason": reason, "evidenceID": evidence.value,
                ])
            return StoredAcceptance(
                host: host, subject: subject, marks: marks, at: at, author: author, reason: reason, evidence: evidence)
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
    /// What nobody has accepted in that boot.
    static func undecided(_ boot: StoredBoot, _ hostID: Int64, in db: Database) throws -> [CensusFinding] {
        let open = boot.verdict?.undecided ?? []
        guard !open.isEmpty else { return [] }
        let accepted = try String.fetchAll(
            db,
            sql: """
                SELECT marks FROM hostAcceptance JOIN evidence ON evidence.id = evidenceID
                WHERE hostAcceptance.hostID = ? AND subject = 'content' AND bootID = ?
                """, arguments: [hostID, boot.bootID.text]
        ).flatMap { try StoredJSON.value([String: String].self, from: $0).keys }
        return open.filter { !accepted.contains($0.path) }
    }
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
