import EbbModel
import EbbPlan
import EbbStore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The FleetLock endpoints: other agents draw from the budget of the inventory's groups.
extension Site {
    func addFleetLock(to router: Router<Context>) {
        for endpoint in FleetLockRequest.Endpoint.allCases {
            router.post(RouterPath(endpoint.rawValue)) { request, _ in try await fleetLock(endpoint, request) }
        }
    }

    private func fleetLock(_ endpoint: FleetLockRequest.Endpoint, _ request: Request) async throws -> Response {
        guard request.headers[.origin] == nil else {
            throw Refusal(.forbidden, "Not from a page", "Agents ask for slots, browsers do not.")
        }
        let header = HTTPField.Name("fleet-lock-protocol").flatMap { request.headers[$0] }
        // The gate has read it, and bounded it.
        let body = try await request.body.collect(upTo: .max)
        do throws(FleetLockFailure) {
            let asked = try FleetLockRequest(endpoint: endpoint, header: header, body: Array(buffer: body))
            try await decide(asked)
            return Response("application/json", [])
        } catch {
            var response = Response("application/json", error.body)
            response.status = .init(code: error.status.rawValue)
            return response
        }
    }

    private func decide(_ request: FleetLockRequest) async throws(FleetLockFailure) {
        let now = await reader.clock()
        let budgets = GroupBudgets(fleet: await reader.fleet)
        guard let limit = budgets.fleetLock(request.group) else {
            throw FleetLockFailure(.notFound, "unknown_group", "the inventory has no group \(request.group)")
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
                    let change = try request.decide(limit, among: slots, stopped: stopped, at: now)
                    return (change, .success(()))
                } catch { return (.none, .failure(error)) }
            }
        } catch {
            logger.error("FleetLock: \(error)")
            throw FleetLockFailure(.unavailable, "unavailable", "the database cannot be written")
        }
        try answer.get()
    }
}
