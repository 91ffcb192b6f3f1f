import EbbModel
import EbbPlan
import EbbStore
import FoundationEssentials
import Logging

/// The FleetLock endpoints: other agents draw from the budget of the inventory's groups.
extension Site {
    func fleetLock(_ request: SiteRequest) async -> SiteResponse {
        guard let endpoint = FleetLockRequest.Endpoint(rawValue: request.path) else {
            return await notFound(request)
        }
        guard request.method == "POST" else {
            var response = await problem(405, request, "POST only", "FleetLock requests are POSTs.")
            response.headers["allow"] = "POST"
            return response
        }
        guard request.headers["origin"] == nil else {
            return await problem(
                403, request, "Not from a page", "Agents ask for slots, browsers do not.")
        }
        do throws(FleetLockFailure) {
            let asked = try FleetLockRequest(
                endpoint: endpoint, header: request.headers["fleet-lock-protocol"],
                body: request.body)
            try await decide(asked)
            return SiteResponse(type: "application/json", body: [])
        } catch {
            return SiteResponse(
                status: error.status.rawValue, type: "application/json", body: error.body)
        }
    }

    private func decide(_ request: FleetLockRequest) async throws(FleetLockFailure) {
        let now = await reader.clock()
        let budgets = GroupBudgets(fleet: await reader.settings.hosts)
        guard let limit = budgets.fleetLock(request.group) else {
            throw FleetLockFailure(
                .notFound, "unknown_group", "the inventory has no group \(request.group)")
        }
        let answer: Result<Void, FleetLockFailure>
        do throws(StoreError) {
            let flags = try await reader.store.stopFlags().filter { $0.isInForce(at: now) }
            let stop = flags.first { stored in
                switch stored.flag.scope {
                case .fleet: true
                case .group(let group): group == request.group
                case .host: false
                }
            }
            let stopped = stop.map { "\($0.flag.reason) (\($0.flag.author))" }
            answer = try await reader.store.changeSlots { slots in
                do throws(FleetLockFailure) {
                    let change = try request.decide(
                        limit, among: slots, stopped: stopped, at: now)
                    return (change, .success(()))
                } catch {
                    return (.none, .failure(error))
                }
            }
        } catch {
            logger.error("FleetLock: \(error)")
            throw FleetLockFailure(.unavailable, "unavailable", "the database cannot be written")
        }
        try answer.get()
    }
}
