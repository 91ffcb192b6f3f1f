import EbbModel
import FoundationEssentials

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
