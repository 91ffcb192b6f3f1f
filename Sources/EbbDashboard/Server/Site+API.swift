import EbbCompliance
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials
import Hummingbird

/// The read-only API; `Assets/openapi.json` describes it.
extension Site {
    func addAPI(to router: Router<Context>) {
        let api = router.group("/api/v1")
        api.get("openapi.json") { _, _ in Response("application/json", PackageResources.openapi_json) }
        api.get("fleet") { _, _ in
            let snapshot = try await reader.snapshot()
            return answer("ebb.fleet/1", snapshot.readAt, ["hosts": .array(snapshot.hosts.map(Self.summary))])
        }
        api.get("hosts/:host") { _, context in
            let (host, record, now) = try await host(context)
            return answer("ebb.host/1", now, Self.summary(host) + Self.details(host, record))
        }
        api.get("drift") { _, _ in
            let snapshot = try await reader.snapshot()
            let rows = DriftByPath.all(in: snapshot).prefix(1_000).map(Self.drift)
            return answer("ebb.fleet-drift/1", snapshot.readAt, ["paths": .array(rows)])
        }
        api.get("rollouts") { _, _ in
            let snapshot = try await reader.snapshot()
            let rows = snapshot.rollouts.map(Self.rollout)
            return answer("ebb.rollouts/1", snapshot.readAt, ["rollouts": .array(rows)])
        }
        api.get("rollouts/:rollout") { _, context in
            let (rollout, attempts) = try await rollout(context)
            return answer(
                "ebb.rollout/1", await reader.clock(),
                Self.rollout(rollout) + ["attempts": .array(attempts.map(Self.attempt))])
        }
    }

    private func answer(_ schema: String, _ at: Date, _ members: JSON) -> Response {
        .json(["schema": .string(schema), "generatedAt": .instant(at)] + members)
    }

    private static func summary(_ host: FleetSnapshot.Host) -> JSON {
        let facts = host.facts
        // `null` where nobody has looked: zero would be a lie.
        let isJudged = facts.judgement != nil
        return [
            "host": .string(host.name.text), "groups": .strings(host.compliance.groups),
            "verdict": .string(host.compliance.verdict.rawValue),
            "strategy": .optional(facts.observation?.strategy?.rawValue),
            "lastObservationAt": .instant(facts.observation?.at),
            // The name that the last observation had first.
            "lastLookAt": .instant(facts.observation?.at), "lastProvenBootAt": .instant(facts.provenBoot?.judgedAt),
            "leaked": .count(isJudged ? facts.count(of: .leaked) : nil),
            "unexplained": .count(isJudged ? facts.count(of: .unexplained) : nil),
            "bytesAtRisk": .count(isJudged ? facts.bytesAtRisk : nil),
            "window": .optional(host.opening) { opening in
                ["opensAt": .instant(opening.start), "closesAt": .instant(opening.end)]
            },
        ]
    }

    private static func details(_ host: FleetSnapshot.Host, _ record: HostRecord) -> JSON {
        let controls = host.compliance.controls.map { result -> JSON in
            [
                "control": .string(result.control.rawValue), "verdict": .string(result.verdict.rawValue),
                "sentence": .string(result.sentence), "evidenceAt": .instant(result.evidenceAt),
                "evidence": .array(result.evidence.map(JSON.integer)),
            ]
        }
        let boots = record.boots.map { boot -> JSON in
            [
                "bootID": .string(boot.bootID.text), "firstSeenAt": .instant(boot.firstSeen),
                "lastSeenAt": .instant(boot.lastSeen), "orderedByEbb": .bool(boot.attempt != nil),
                "erasure": .optional(boot.verdict?.erasure.rawValue),
                "retention": .optional(boot.verdict?.retention.rawValue),
                "proven": .bool(boot.verdict?.isProven ?? false),
            ]
        }
        return [
            "controls": .array(controls),
            "drift": .array(record.drift.prefix(1_000).map { path($0, ReportColumn.ofEntry) }),
            "driftInAll": .count(record.drift.count), "boots": .array(boots),
            "attempts": .array(record.attempts.map(attempt)),
        ]
    }

    /// A path with its columns, and two members that the API has beside those of the reports.
    private static func path<Row: PathRow>(_ row: Row, _ columns: [ReportColumn<Row>]) -> JSON {
        let base64: JSON = row.path.text == nil ? [:] : ["pathBase64": nil]
        return .object(row, columns) + base64 + ["firstSeenAt": .instant(row.firstSeenAt)]
    }

    private static func drift(_ row: DriftByPath) -> JSON {
        path(row, ReportColumn.ofPath) + ["hosts": .strings(row.hosts.map(\.text)), "bytes": .count(row.bytes)]
    }

    private static func rollout(_ rollout: StoredRollout) -> JSON {
        [
            "rollout": .integer(rollout.id.value), "state": .string(rollout.state.rawValue),
            "pattern": .string(rollout.pattern), "planHash": .string(rollout.planHash),
            "startedAt": .instant(rollout.startedAt), "endedAt": .instant(rollout.endedAt),
            "reason": .optional(rollout.reason), "hosts": .strings(rollout.hosts.map(\.host.text)),
        ]
    }

    private static func attempt(_ attempt: StoredAttempt) -> JSON {
        [
            "rollout": .integer(attempt.rollout.value), "host": .string(attempt.host.text),
            "wave": .count(attempt.wave), "number": .count(attempt.number), "state": .string(attempt.state.rawValue),
            "reason": .optional(attempt.reason), "createdAt": .instant(attempt.createdAt),
            "updatedAt": .instant(attempt.updatedAt), "sentAt": .instant(attempt.sentAt),
            "holdsHost": .bool(attempt.holdsHost),
        ]
    }
}
