import EbbPlan
import EbbTestSupport
import FoundationEssentials
import Testing

struct FleetLockTests {
    private let now = Date(timeIntervalSince1970: 1_795_395_011)

    private func request(
        _ endpoint: FleetLockRequest.Endpoint, _ id: String = "b1", group: String = "default"
    ) throws -> FleetLockRequest {
        let body = "{\"client_params\":{\"id\":\"\(id)\",\"group\":\"\(group)\"}}"
        return try FleetLockRequest(endpoint: endpoint, header: "true", body: Array(body.utf8))
    }

    @Test func `a request is what Zincati sends`() throws {
        let body = """
            {"client_params": {"group": "controllers", "id": "c988d2509fdf45cd9b5b2d7f8a1c8dd8"}}
            """
        let request = try FleetLockRequest(
            endpoint: .preReboot, header: "true", body: Array(body.utf8))
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
                "true",
                #"{"client_params":{"id":""# + String(repeating: "x", count: 5_000)
                    + #"","group":"b"}}"#, "invalid_body"
            ),
        ]
        for (header, body, kind) in refused {
            let error = #expect(throws: FleetLockFailure.self) {
                try FleetLockRequest(
                    endpoint: .preReboot, header: header, body: Array(body.utf8))
            }
            #expect(error?.kind == kind && error?.status == .badRequest, "\(body.prefix(60))")
        }
        let failure = FleetLockFailure(.conflict, "failed_lock", "say \"no\"")
        #expect(
            String(decoding: failure.body, as: UTF8.self)
                == #"{"kind":"failed_lock","value":"say \"no\""}"#)
    }

    @Test func `a slot is taken once, kept while held, and freed by its holder only`() throws {
        var group = FleetLockGroup(name: "default", slots: 1, holders: [])
        let holder = FleetLockGroup.Holder(id: "b1", since: now)
        #expect(try group.answer(request(.preReboot), at: now) == .acquired(holder))
        group = FleetLockGroup(name: "default", slots: 1, holders: [holder])
        #expect(try group.answer(request(.preReboot), at: now) == .none)
        let error = #expect(throws: FleetLockFailure.self) {
            try group.answer(request(.preReboot, "b2"), at: now)
        }
        #expect(error?.kind == "failed_lock" && error?.status == .conflict)
        #expect(try group.answer(request(.steadyState, "b2"), at: now) == .none)
        #expect(try group.answer(request(.steadyState), at: now) == .released(holder))
    }

    @Test func `hosts that Ebb reboots use up slots, and a stop flag takes them all`() throws {
        let holder = FleetLockGroup.Holder(id: "b1", since: now)
        let busy = FleetLockGroup(name: "g", slots: 2, holders: [], busy: 2)
        #expect(throws: FleetLockFailure.self) { try busy.answer(request(.preReboot), at: now) }
        let stopped = FleetLockGroup(
            name: "g", slots: 9, holders: [holder], stopped: "raid rebuild (kim)")
        let error = #expect(throws: FleetLockFailure.self) {
            try stopped.answer(request(.preReboot, "b2"), at: now)
        }
        #expect(error?.kind == "stopped" && error?.value == "raid rebuild (kim)")
        // Who holds a slot may be rebooting: it keeps it, and it can give it back.
        #expect(try stopped.answer(request(.preReboot), at: now) == .none)
        #expect(try stopped.answer(request(.steadyState), at: now) == .released(holder))
    }

    @Test func `whatever agents ask, never more hold a slot than there are`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            let slots = Int.random(in: 1...4, using: &random)
            var holders: [FleetLockGroup.Holder] = []
            for _ in 0..<100 {
                let group = FleetLockGroup(name: "default", slots: slots, holders: holders)
                let id = "h\(Int.random(in: 0...6, using: &random))"
                let request = try request(
                    Bool.random(using: &random) ? .preReboot : .steadyState, id)
                switch try? group.answer(request, at: now) {
                case .acquired(let holder): holders.append(holder)
                case .released(let holder): holders.removeAll { $0 == holder }
                case .some(.none), nil: break
                }
                #expect(holders.count <= slots, "seed \(seed)")
                #expect(Set(holders.map(\.id)).count == holders.count, "seed \(seed)")
            }
        }
    }
}
