import EbbModel
import EbbPlan
import EbbTestSupport
import FoundationEssentials
import Testing

struct FleetLockTests {
    private let now = Date(timeIntervalSince1970: 1_795_395_011)

    private func request(_ endpoint: FleetLockRequest.Endpoint, _ id: String = "b1", group: String = "default") throws
        -> FleetLockRequest
    {
        let body = "{\"client_params\":{\"id\":\"\(id)\",\"group\":\"\(group)\"}}"
        return try FleetLockRequest(endpoint: endpoint, header: "true", body: Array(body.utf8))
    }

    @Test func `a request is what Zincati sends`() throws {
        let body = """
            {"client_params": {"group": "controllers", "id": "c988d2509fdf45cd9b5b2d7f8a1c8dd8"}}
            """
        let request = try FleetLockRequest(endpoint: .preReboot, header: "true", body: Array(body.utf8))
        #expect(request.group == "controllers" && request.id.hasPrefix("c988d"))
    }

    @Test func `anything else is refused with a kind and a sentence`() throws {
        let good = #"{"client_params":{"id":"a","group":"b"}}"#
        let refused: [(String?, String, String)] = [
            (nil, good, "missing_protocol_header"), ("false", good, "missing_protocol_header"),
            ("true", "", "invalid_body"), ("true", "[1]", "invalid_body"),
            ("true", #"{"client_params":{"id":"a"}}"#, "invalid_body"),
            ("true", #"{"client_params":{"id":1,"group":"b"}}"#, "invalid_body"),
            ("true", #"{"client_params":{"id":"","group":"b"}}"#, "invalid_id"),
            ("true", #"{"client_params":{"id":"a b","group":"b"}}"#, "invalid_id"),
            ("true", #"{"client_params":{"id":"a","group":"b/../c"}}"#, "invalid_group"),
            ("true", #"{"client_params":{"id":"a","group":"<script>"}}"#, "invalid_group"),
            (
                "true", #"{"client_params":{"id":""# + String(repeating: "x", count: 5_000) + #"","group":"b"}}"#,
                "invalid_body"
            ),
        ]
        for (header, body, kind) in refused {
            let error = #expect(throws: FleetLockFailure.self) {
                try FleetLockRequest(endpoint: .preReboot, header: header, body: Array(body.utf8))
            }
            #expect(error?.kind == kind && error?.status == .badRequest, "\(body.prefix(60))")
        }
        let failure = FleetLockFailure(.conflict, "failed_lock", "say \"no\"")
        #expect(String(decoding: failure.body, as: UTF8.self) == #"{"kind":"failed_lock","value":"say \"no\""}"#)
    }

    private func limit(_ most: Int, _ members: [String] = []) throws -> SlotLimit {
        SlotLimit(
            name: "g", members: Set(try members.map { try HostName($0) }), agentGroups: ["default"],
            maxUnavailable: most)
    }

    private func held(_ id: String) -> Slot { Slot(machine: id, holder: .agent(group: "default"), since: now) }

    @Test func `a slot is taken once, kept while held, and freed by its holder only`() throws {
        let limit = try limit(1)
        func decide(_ endpoint: FleetLockRequest.Endpoint, _ id: String, _ slots: [Slot]) throws -> SlotChange {
            try request(endpoint, id).decide(limit, among: slots, stopped: nil, at: now)
        }
        let slot = held("b1")
        #expect(try decide(.preReboot, "b1", []) == .take(slot))
        #expect(try decide(.preReboot, "b1", [slot]) == .none)
        let error = #expect(throws: FleetLockFailure.self) { try decide(.preReboot, "b2", [slot]) }
        #expect(error?.kind == "failed_lock" && error?.status == .conflict)
        #expect(error?.value.contains("agent b1") == true)
        #expect(try decide(.steadyState, "b2", [slot]) == .none)
        #expect(try decide(.steadyState, "b1", [slot]) == .free(slot))
    }

    @Test func `hosts that are not known to be well hold slots, and a stop flag takes them all`() throws {
        let slots = try ["db1", "db2", "elsewhere"].map { Slot(host: try HostName($0), since: now) }
        let error = #expect(throws: FleetLockFailure.self) {
            try request(.preReboot, "db1").decide(limit(2, ["db1", "db2"]), among: slots, stopped: nil, at: now)
        }
        // An agent may call itself what it likes: it is not Ebb's host of that name.
        #expect(error?.value.contains("db1, db2") == true)
        let agent = held("b1")
        func stopped(_ endpoint: FleetLockRequest.Endpoint, _ id: String) throws -> SlotChange {
            try request(endpoint, id).decide(limit(9), among: [agent], stopped: "raid rebuild (kim)", at: now)
        }
        let refused = #expect(throws: FleetLockFailure.self) { try stopped(.preReboot, "b2") }
        #expect(refused?.kind == "stopped" && refused?.value == "raid rebuild (kim)")
        // Who holds a slot may be rebooting: it keeps it, and it can give it back.
        #expect(try stopped(.preReboot, "b1") == .none)
        #expect(try stopped(.steadyState, "b1") == .free(agent))
    }

    @Test func `whatever agents ask, never more hold a slot than there are`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            let most = Int.random(in: 1...4, using: &random)
            let limit = try limit(most)
            var slots: [Slot] = []
            for _ in 0..<100 {
                let id = "h\(Int.random(in: 0...6, using: &random))"
                let request = try request(Bool.random(using: &random) ? .preReboot : .steadyState, id)
                switch try? request.decide(limit, among: slots, stopped: nil, at: now) {
                case .take(let slot): slots.append(slot)
                case .free(let slot): slots.removeAll { $0 == slot }
                case .some(.none), nil: break
                }
                #expect(slots.count <= most, "seed \(seed)")
                #expect(Set(slots.map(\.machine)).count == slots.count, "seed \(seed)")
            }
        }
    }
}
