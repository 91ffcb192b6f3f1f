package import EbbModel
package import FoundationEssentials

/// What an agent asks: one of its two questions, for itself, in its group.
package struct FleetLockRequest: Hashable, Sendable {
    /// The two questions of the protocol.
    package enum Endpoint: String, Sendable, CaseIterable {
        /// May I reboot? Holding a slot already, the answer stays yes.
        case preReboot = "/v1/pre-reboot"
        /// I am well again; holding no slot is no error.
        case steadyState = "/v1/steady-state"
    }

    package let endpoint: Endpoint
    /// Which host asks: opaque, usually derived from its machine-id.
    package let id: String
    package let group: String

    /// More than any agent sends.
    package static let longestBody = 4_096

    /// Reads a request; throws the answer to give when it is not one.
    ///
    /// `header` is the value of `fleet-lock-protocol`, if it was sent.
    package init(endpoint: Endpoint, header: String?, body: [UInt8]) throws(FleetLockFailure) {
        guard header == "true" else {
            throw FleetLockFailure(
                .badRequest, "missing_protocol_header", "the header `fleet-lock-protocol: true` is missing")
        }
        guard body.count <= Self.longestBody, let parsed = try? JSONDecoder().decode(Body.self, from: Data(body)) else {
            throw FleetLockFailure(
                .badRequest, "invalid_body", "the body must be {\"client_params\": {\"id\": \"…\", \"group\": \"…\"}}")
        }
        let parameters = parsed.client_params
        guard Self.isToken(parameters.group, longest: 64) else {
            throw FleetLockFailure(
                .badRequest, "invalid_group", "a group is 1 to 64 letters, digits, dots, underscores and dashes")
        }
        guard Self.isToken(parameters.id, longest: 128) else {
            throw FleetLockFailure(
                .badRequest, "invalid_id", "an id is 1 to 128 letters, digits, dots, underscores and dashes")
        }
        self.endpoint = endpoint
        id = parameters.id
        group = parameters.group
    }

    private struct Body: Decodable {
        struct Parameters: Decodable {
            let id: String
            let group: String
        }

        /// The protocol's own spelling.
        let client_params: Parameters
    }

    private static func isToken(_ text: String, longest: Int) -> Bool {
        (1...longest).contains(text.utf8.count) && text.holdsOnlyLettersDigits(and: "._-@:")
    }
}

extension FleetLockRequest {
    /// Decides about the request; the same request twice has the effect of one.
    ///
    /// A holder keeps its slot whatever happens meanwhile: its reboot may be under way. Freeing is
    /// never refused. `stopped` says why nobody in the group may reboot now, such as a stop flag.
    package func decide(_ limit: SlotLimit, among slots: [Slot], stopped: String?, at now: Date)
        throws(FleetLockFailure) -> SlotChange
    {
        let wanted = Slot(machine: id, holder: .agent(group: group), since: now)
        let held = slots.first { $0.machine == id && $0.holder == wanted.holder }
        switch endpoint {
        case .steadyState: return held.map(SlotChange.free) ?? .none
        case .preReboot:
            if held != nil { return .none }
            if let stopped { throw FleetLockFailure(.conflict, "stopped", PrintableText.line(stopped)) }
            if let words = limit.refusal(of: wanted, among: slots) {
                throw FleetLockFailure(.conflict, "failed_lock", words)
            }
            return .take(wanted)
        }
    }
}

/// The answer "no", in the protocol's form.
package struct FleetLockFailure: Error, Hashable, Sendable {
    /// The HTTP status to answer with.
    package enum Status: Int, Sendable {
        case badRequest = 400
        /// No slot is free, or the group is stopped: ask again later.
        case conflict = 409
        /// The group is not one that Ebb knows.
        case notFound = 404
        /// Ebb itself cannot answer; agents ask again.
        case unavailable = 503
    }

    package let status: Status
    /// A word for programs.
    package let kind: String
    /// One sentence for a person.
    package let value: String

    package init(_ status: Status, _ kind: String, _ value: String) {
        (self.status, self.kind, self.value) = (status, kind, value)
    }

    /// The body of the answer: `{"kind": …, "value": …}`.
    package var body: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let object = ["kind": kind, "value": value]
        return (try? encoder.encode(object)).map(Array.init) ?? Array("{}".utf8)
    }
}
