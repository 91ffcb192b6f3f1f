import EbbDashboard
import EbbModel
import EbbStore
import FoundationEssentials
import Testing

struct FleetLockEndpointTests {
    private func post(
        _ site: Site, _ path: String, id: String, group: String,
        headers: [String: String] = ["fleet-lock-protocol": "true", "host": "localhost"]
    ) async throws -> SiteClient.Answer {
        let body = "{\"client_params\":{\"id\":\"\(id)\",\"group\":\"\(group)\"}}"
        return try await SiteClient.with(site) {
            try await $0.get(path, headers, method: "POST", body: Array(body.utf8))
        }
    }

    @Test func `a slot is lent, kept and given back, across restarts of the server`() async throws {
        let fleet = try await SampleFleet()
        var site = fleet.site()
        #expect(try await post(site, "/v1/pre-reboot", id: "a", group: "build_farm").status == 200)
        site = fleet.site()
        #expect(try await post(site, "/v1/pre-reboot", id: "a", group: "build_farm").status == 200)
        let refused = try await post(site, "/v1/pre-reboot", id: "b", group: "build_farm")
        #expect(refused.status == 409)
        #expect(refused.text.contains("\"kind\":\"failed_lock\""))
        #expect(try await fleet.store.slots().filter { $0.host == nil }.map(\.machine) == ["a"])
        #expect(try await post(site, "/v1/steady-state", id: "a", group: "build_farm").status == 200)
        #expect(try await post(site, "/v1/pre-reboot", id: "b", group: "build_farm").status == 200)
    }

    @Test func `an undecided host, a stop flag and an unknown group give no slot`() async throws {
        let site = try await SampleFleet().site()
        let rows = [
            ("db", 409, "failed_lock"), ("db", 409, "taken by db1"), ("edge", 409, "stopped"),
            ("x", 404, "unknown_group"),
        ]
        for (group, status, kind) in rows {
            let answer = try await post(site, "/v1/pre-reboot", id: "a", group: group)
            #expect(answer.status == status, "\(group)")
            #expect(answer.text.contains(kind), "\(group)")
        }
    }

    @Test func `browsers, strangers and other methods are turned away`() async throws {
        let fleet = try await SampleFleet()
        let site = fleet.site()
        let agent = ["fleet-lock-protocol": "true", "host": "localhost"]
        let page = agent.merging(["origin": "https://evil.example"]) { first, _ in first }
        #expect(try await post(site, "/v1/pre-reboot", id: "a", group: "web", headers: page).status == 403)
        #expect(
            try await post(site, "/v1/pre-reboot", id: "a", group: "web", headers: ["host": "localhost"]).status == 400)
        let get = try await SiteClient.with(site) { try await $0.get("/v1/pre-reboot", agent) }
        #expect(get.status == 405 && get.headers["allow"] == "POST")
        let other = try await SiteClient.with(site) { try await $0.get("/v1/other", agent) }
        #expect(other.status == 404)
        let locked = fleet.site(.token(Secret("correct-horse-battery")))
        #expect(try await post(locked, "/v1/pre-reboot", id: "a", group: "web").status == 401)
    }

    @Test func `of many agents that ask at once, as many get a slot as there are`() async throws {
        let site = try await SampleFleet().site()
        let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await post(site, "/v1/pre-reboot", id: "h\(number)", group: "build_farm").status == 200
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(granted == 1)
    }
}
