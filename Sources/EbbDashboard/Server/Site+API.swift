import EbbCompliance
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// The read-only API; `OpenAPI` describes it.
extension Site {
    func api(_ request: SiteRequest, _ parts: [Substring]) async throws -> SiteResponse {
        guard parts.first == "v1" else { return await notFound(request) }
        switch (parts.dropFirst().first, parts.count) {
        case ("openapi.json", 2): return .json(JSONText.document(OpenAPI.description))
        case ("fleet", 2):
            let snapshot = try await reader.snapshot()
            return answer(
                "ebb.fleet/1", snapshot.readAt,
                [JSON.Member("hosts", .array(snapshot.hosts.map(Self.summary)))])
        case ("hosts", 3):
            let snapshot = try await reader.snapshot()
            guard let name = try? HostName(String(parts[2])), let host = snapshot.host(name) else {
                return await notFound(request)
            }
            let record = try await HostRecord(of: name, in: reader.store)
            return answer("ebb.host/1", snapshot.readAt, Self.members(host, record))
        case ("drift", 2):
            let snapshot = try await reader.snapshot()
            let rows = DriftByPath.all(in: snapshot).prefix(1_000).map(Self.drift)
            return answer(
                "ebb.fleet-drift/1", snapshot.readAt, [JSON.Member("paths", .array(Array(rows)))])
        case ("rollouts", 2):
            let snapshot = try await reader.snapshot()
            let rows = snapshot.rollouts.map { JSON.object(Self.members($0)) }
            return answer(
                "ebb.rollouts/1", snapshot.readAt, [JSON.Member("rollouts", .array(rows))])
        case ("rollouts", 3):
            guard let (rollout, attempts) = try await rollout(parts[2]) else {
                return await notFound(request)
            }
            return answer(
                "ebb.rollout/1", await reader.clock(),
                Self.members(rollout)
                    + [JSON.Member("attempts", .array(attempts.map(Self.attempt)))])
        default: return await notFound(request)
        }
    }

    private func answer(_ schema: String, _ at: Date, _ members: [JSON.Member]) -> SiteResponse {
        let head = [
            JSON.Member("schema", .string(schema)), JSON.Member("generatedAt", Self.instant(at)),
        ]
        return .json(JSONText.document(.object(head + members)))
    }

    private static func instant(_ date: Date) -> JSON { .string(JSONText.instant(date)) }

    private static func instant(_ date: Date?) -> JSON { .optional(date) { instant($0) } }

    private static func members(of host: FleetSnapshot.Host) -> [JSON.Member] {
        let facts = host.facts
        let judged = facts.judgement?.at
        return [
            JSON.Member("host", .string(host.name.text)),
            JSON.Member("groups", .strings(host.compliance.groups)),
            JSON.Member("verdict", .string(host.compliance.verdict.rawValue)),
            JSON.Member("strategy", .optional(facts.look?.strategy?.rawValue)),
            JSON.Member("lastLookAt", instant(facts.look?.at)),
            JSON.Member("lastProvenBootAt", instant(facts.provenBoot?.judgedAt)),
            // `null` where nobody has looked: zero would be a lie.
            JSON.Member("leaked", .optional(judged) { _ in .count(facts.count(of: .leaked)) }),
            JSON.Member(
                "unexplained", .optional(judged) { _ in .count(facts.count(of: .unexplained)) }),
            JSON.Member(
                "bytesAtRisk",
                .optional(judged) { _ in .count(facts.bytesAtRisk) }),
            JSON.Member(
                "window",
                .optional(host.opening) { opening in
                    ["opensAt": instant(opening.start), "closesAt": instant(opening.end)]
                }),
        ]
    }

    private static func summary(_ host: FleetSnapshot.Host) -> JSON { .object(members(of: host)) }

    private static func members(
        _ host: FleetSnapshot.Host, _ record: HostRecord
    ) -> [JSON.Member] {
        let controls = host.compliance.controls.map { result -> JSON in
            [
                "control": .string(result.control.rawValue),
                "verdict": .string(result.verdict.rawValue),
                "sentence": .string(result.sentence),
                "evidenceAt": instant(result.evidenceAt),
                "evidence": .array(result.evidence.map(JSON.integer)),
            ]
        }
        let drift = record.drift.prefix(1_000).map { stored -> JSON in
            [
                "path": .string(stored.entry.change.path.printable),
                "pathBase64": .optional(
                    stored.entry.change.path.text == nil ? stored.entry.change.path.base64 : nil),
                "verdict": .string(stored.entry.verdict.rawValue),
                "change": .string(stored.entry.change.change.rawValue),
                "kind": .string(stored.entry.change.kind.rawValue),
                "size": .optional(stored.entry.change.size) { .integer($0) },
                "firstSeenAt": instant(stored.firstSeen),
                "reason": .string(stored.entry.reason),
                "suggestion": .optional(stored.entry.suggestion),
            ]
        }
        let boots = record.boots.map { boot -> JSON in
            [
                "bootID": .string(boot.bootID.text), "firstSeenAt": instant(boot.firstSeen),
                "lastSeenAt": instant(boot.lastSeen), "orderedByEbb": .bool(boot.attempt != nil),
                "erasure": .optional(boot.verdict?.erasure.rawValue),
                "retention": .optional(boot.verdict?.retention.rawValue),
                "proven": .bool(boot.verdict?.isProven ?? false),
            ]
        }
        return members(of: host) + [
            JSON.Member("controls", .array(controls)),
            JSON.Member("drift", .array(drift)),
            JSON.Member("driftInAll", .count(record.drift.count)),
            JSON.Member("boots", .array(boots)),
            JSON.Member("attempts", .array(record.attempts.map(attempt))),
        ]
    }

    private static func drift(_ row: DriftByPath) -> JSON {
        [
            "path": .string(row.path.printable),
            "pathBase64": .optional(row.path.text == nil ? row.path.base64 : nil),
            "verdict": .string(row.verdict.rawValue),
            "hosts": .strings(row.hosts.map(\.text)),
            "bytes": .integer(row.bytes), "firstSeenAt": instant(row.firstSeen),
            "reason": .string(row.reason), "suggestion": .optional(row.suggestion),
        ]
    }

    private static func members(_ rollout: StoredRollout) -> [JSON.Member] {
        [
            JSON.Member("rollout", .integer(rollout.id.value)),
            JSON.Member("state", .string(rollout.state.rawValue)),
            JSON.Member("pattern", .string(rollout.pattern)),
            JSON.Member("planHash", .string(rollout.planHash)),
            JSON.Member("startedAt", instant(rollout.startedAt)),
            JSON.Member("endedAt", instant(rollout.endedAt)),
            JSON.Member("reason", .optional(rollout.reason)),
            JSON.Member("hosts", .strings(rollout.hosts.map(\.host.text))),
        ]
    }

    private static func attempt(_ attempt: StoredAttempt) -> JSON {
        [
            "rollout": .integer(attempt.rollout.value), "host": .string(attempt.host.text),
            "wave": .count(attempt.wave), "number": .count(attempt.number),
            "state": .string(attempt.state.rawValue), "reason": .optional(attempt.reason),
            "createdAt": instant(attempt.createdAt), "updatedAt": instant(attempt.updatedAt),
            "sentAt": instant(attempt.sentAt), "holdsHost": .bool(attempt.holdsHost),
        ]
    }
}
